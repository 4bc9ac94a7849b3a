import { type Attributes, context, type Span, SpanKind, type SpanOptions, SpanStatusCode, type Tracer, trace } from '@opentelemetry/api'
import type { Layer, ReadFacts } from '../../engine/cache/index.ts'
import { type ErrorCode, errorCodes } from '../../errors.ts'
import type { OperationFacts } from '../../gateway/graphql/execution/operation-observer.ts'
import { NO_STEP } from './no-step.ts'
import { createQuerySummaries } from './query-summary.ts'
import { SpanStep } from './span-step.ts'
import type { StepObserver } from './step-observer.ts'

export interface SpanContents {
  /** Whether spans contain the GraphQL documents, with the literals that clients wrote into them. */
  readonly documents: boolean
  /** Whether the name of a span contains the name of its operation. Clients choose these names, so there may be many. */
  readonly operationNames: boolean
}

/** Maximum length of a text from a client or of a statement, characters. */
const MAX_TEXT = 8192
const MAX_NAME = 200

/**
 * Returns an observer that records steps as spans with the names of OpenTelemetry's semantic conventions. A step is recorded only within a
 * span that is recorded, so the work of the gateway itself, such as following the invalidation log, makes no traces.
 */
export function traceSteps(tracer: Tracer, contents: SpanContents): StepObserver {
  const summaryOf = createQuerySummaries()

  function begin<Facts>(name: string, options: SpanOptions, describe?: (span: Span, facts: Facts) => void) {
    const active = context.active()
    if (!trace.getSpan(active)?.isRecording()) return NO_STEP
    return new SpanStep<Facts>(tracer.startSpan(name, options, active), active, describe)
  }

  const describeOperation = (span: Span, facts: OperationFacts) => {
    if (facts.kind !== undefined) span.updateName(nameOf(facts.kind, facts.name, contents))
    span.setAttributes({
      ...operationAttributes(facts.kind, facts.name, facts.documentHash),
      ...(contents.documents && facts.document ? { 'graphql.document': facts.document().slice(0, MAX_TEXT) } : {}),
      'tidegate.cache.verdict': facts.cache,
    })
    const [first] = facts.errorCodes
    if (first === undefined) return
    span.setAttributes({ 'error.type': first, 'tidegate.graphql.error_codes': [...new Set(facts.errorCodes)] })
    // As for HTTP, an error that the client has caused does not make the span of a server one that failed.
    if (facts.errorCodes.some(isServerError)) span.setStatus({ code: SpanStatusCode.ERROR })
  }

  return {
    beginOperation: () => begin('GraphQL Operation', { kind: SpanKind.SERVER }, describeOperation),
    beginPlan: () => begin('graphql.plan', {}),
    beginExecution: () => begin('graphql.execute', {}),
    beginRead: (policy, keys) => begin(`cache.read ${policy}`, { attributes: readAttributes(policy, keys) }, describeRead),
    beginLoad: (policy, keys) => begin(`cache.load ${policy}`, { attributes: readAttributes(policy, keys) }),
    beginRefresh(policy, keys) {
      const cause = trace.getActiveSpan()
      // No request waits for a refresh, so it has a trace of its own, with a link to the read that started it.
      return cause
        ? begin(`cache.refresh ${policy}`, {
            root: true,
            links: [{ context: cause.spanContext() }],
            attributes: readAttributes(policy, keys),
          })
        : NO_STEP
    },
    beginSync: () => begin('cache.sync', {}),
    beginCommand({ name, keys }, { address, port, database }) {
      return begin(name, {
        kind: SpanKind.CLIENT,
        attributes: {
          'db.system.name': 'redis',
          'db.operation.name': name,
          'db.namespace': String(database),
          'tidegate.redis.keys': keys,
          ...serverAttributes(address, port),
        },
      })
    },
    beginStatement(statement, { address, port, database }) {
      const summary = summaryOf(statement)
      return begin(summary, {
        kind: SpanKind.CLIENT,
        attributes: {
          'db.system.name': 'postgresql',
          ...(database === undefined ? {} : { 'db.namespace': database }),
          'db.query.summary': summary,
          'db.query.text': statement.slice(0, MAX_TEXT),
          ...serverAttributes(address, port),
        },
      })
    },
    answeredAtHand({ name, documentHash, policy, durationMs }) {
      const active = context.active()
      if (!trace.getSpan(active)?.isRecording()) return
      // Rounded up, so that the span does not begin before its parent, which begins at a whole millisecond.
      const startTime = Math.ceil(Date.now() - durationMs)
      const endTime = startTime + durationMs
      const attributes = { ...operationAttributes('query', name, documentHash), 'tidegate.cache.verdict': 'HIT' }
      const span = tracer.startSpan(nameOf('query', name, contents), { kind: SpanKind.SERVER, startTime, attributes }, active)
      const read = { ...readAttributes(policy, 1), ...layerAttributes(new Map([['l1', 1]])) }
      tracer.startSpan(`cache.read ${policy}`, { startTime, attributes: read }, trace.setSpan(active, span)).end(endTime)
      span.end(endTime)
    },
  }
}

function nameOf(kind: string, name: string | undefined, { operationNames }: SpanContents): string {
  return operationNames && name !== undefined ? `${kind} ${name.slice(0, MAX_NAME)}` : kind
}

function operationAttributes(kind: string | undefined, name: string | undefined, documentHash: string | undefined): Attributes {
  return {
    ...(kind === undefined ? {} : { 'graphql.operation.type': kind }),
    ...(name === undefined ? {} : { 'graphql.operation.name': name.slice(0, MAX_NAME) }),
    ...(documentHash === undefined ? {} : { 'tidegate.graphql.document_hash': documentHash }),
  }
}

function readAttributes(policy: string, keys: number): Attributes {
  return { 'tidegate.cache.policy': policy, 'tidegate.cache.keys': keys }
}

function describeRead(span: Span, { layers, failed }: ReadFacts): void {
  span.setAttributes(layerAttributes(layers))
  if (failed > 0) span.setAttributes({ 'error.type': '_OTHER', 'tidegate.cache.failed': failed }).setStatus({ code: SpanStatusCode.ERROR })
}

/** Returns the number of values by layer, and the layer itself if all values came from the same one. */
function layerAttributes(layers: ReadonlyMap<Layer, number>): Attributes {
  const [only] = layers.keys()
  return {
    ...(only === undefined ? {} : { 'tidegate.cache.layer': layers.size === 1 ? only : 'mixed' }),
    ...Object.fromEntries([...layers].map(([layer, count]) => [`tidegate.cache.count.${layer}`, count])),
  }
}

function serverAttributes(address: string | undefined, port: number | undefined): Attributes {
  return { ...(address === undefined ? {} : { 'server.address': address }), ...(port === undefined ? {} : { 'server.port': port }) }
}

function isServerError(code: string): boolean {
  return !Object.hasOwn(errorCodes, code) || errorCodes[code as ErrorCode].status >= 500
}
