import type { HotOperation } from '#src/gateway/warming/operation-recorder.ts'

/** An operation of a tenant's viewer; its document is only a name. */
export function hot(
  document: string,
  savedMs: number,
  tenant: string | null = 'acme',
  variables: Readonly<Record<string, unknown>> = {},
): HotOperation {
  return { operation: { document, variables, tenant, role: tenant === null ? null : 'VIEWER' }, savedMs }
}
