import { onOff } from './variable-kinds.ts'

/** Variables that decide what the spans of OpenTelemetry contain. Nothing is traced unless a provider is registered. */
export const tracingVariables = {
  TRACE_DOCUMENTS: onOff(
    'off',
    'on: spans contain the text of the GraphQL document, with the literals that clients wrote into it. Variables are never in a span.',
    'Tracing',
  ),
  TRACE_OPERATION_NAMES: onOff(
    'off',
    'on: the name of a span contains the name of its operation. Set it only if clients use few names, for example with TRUSTED_DOCUMENTS_ONLY.',
    'Tracing',
  ),
}
