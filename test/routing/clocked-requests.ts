import type { Kysely } from 'kysely'
import { inTransaction } from '#src/engine/postgres/transaction.ts'
import type { EntityType, RequestContext, WriteContext } from '#src/gateway/contract/module.ts'
import type { Database } from '#src/market/tables/tables.ts'

/** Requests of one tenant at times that a test sets. */
export interface ClockedRequests {
  /** Unix epoch ms. Each write is one millisecond later than the one before. */
  now: number
  readonly context: Pick<RequestContext, 'load' | 'write' | 'uncached'> & RequestContext
}

/** Types whose rows never change under their id. */
const IMMUTABLE = ['RoutingCandidates', 'ComplianceRuleSet']

/** Creates requests without HTTP and GraphQL. Their cache keeps rows that never change for ever, and no other ones. */
export function createClockedRequests(db: Kysely<Database>, tenant: string, start: number): ClockedRequests {
  const rows = new Map<string, unknown>()
  const requests = { now: start }
  const load = async <Row extends { readonly id: string | number }>(type: EntityType<Row>, id: string | number): Promise<Row | null> => {
    const key = `${type.entity.type}:${id}`
    if (!IMMUTABLE.includes(type.entity.type))
      return (await type.loadMany({ db, tenant, now: requests.now }, [String(id)]))[0] as Row | null
    if (!rows.has(key)) rows.set(key, (await type.loadMany({ db, tenant, now: requests.now }, [String(id)]))[0] ?? null)
    return rows.get(key) as Row | null
  }
  const uncached = {
    db,
    tenant,
    get now() {
      return requests.now
    },
  }
  const write = <Result>(work: (write: WriteContext) => Promise<Result>) =>
    inTransaction(
      db,
      (transaction) => work({ db: transaction, tenant, viewer: { tenant, userId: '1', role: 'EDITOR' }, now: ++requests.now }),
      {
        attempts: 5,
      },
    )
  // Routing uses only these members of a request.
  return Object.assign(requests, { context: { load, uncached, write, requireTenant: () => tenant } as ClockedRequests['context'] })
}
