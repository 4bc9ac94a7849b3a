import { tenantOf } from '../access.ts'
import type { AuditLog } from '../audit/audit-log.ts'
import { type Endpoint, endpoint } from '../endpoint.ts'
import { audit as auditAnswer, auditQuery } from '../schemas/logs.ts'

/** GET /audit: the calls of the management API, newest first. */
export function auditEndpoint({ audit }: { readonly audit: Pick<AuditLog, 'read'> }): Endpoint {
  return endpoint({
    method: 'GET',
    path: '/audit',
    summary: 'Lists the calls of this API',
    description: 'Each call has a row, also a refused one. An ADMIN sees the calls of the own tenant. Values of variables are not stored.',
    query: auditQuery,
    answer: auditAnswer,
    handle: async ({ caller, query }) => {
      const { endpoint: named, method, outcome, userId, before, limit } = query
      const tenant = tenantOf(caller, query.tenant)
      return { rows: [...(await audit.read({ tenant, endpoint: named, method, outcome, userId, before, limit }))] }
    },
  })
}
