import type { Cache } from '../../../engine/cache/cache.ts'
import type { History } from '../../history/history.ts'
import { type Endpoint, endpoint } from '../endpoint.ts'
import { requireHistory, storeNow } from '../figures/history-reader.ts'
import { rangeOf } from '../figures/read-figures.ts'
import { type CostSources, costsIn } from '../figures/write-costs.ts'
import { RequestProblem } from '../request-problem.ts'
import { writeCosts, writeCostsQuery } from '../schemas/logs.ts'

export interface WriteCostsOptions {
  readonly cache: Pick<Cache, 'now' | 'inventory'>
  readonly history: History | undefined
  readonly readersOf: CostSources['readersOf']
}

/** GET /write-costs: what each mutation, purge or other write cost. */
export function writeCostsEndpoint({ cache, history, readersOf }: WriteCostsOptions): Endpoint {
  return endpoint({
    method: 'GET',
    path: '/write-costs',
    summary: 'Says what each write cost',
    description:
      'For each cause of writes: how many there were, what they voided, the reloads that followed in all processes, and the time of the database that these took. It covers all tenants, so only an OPERATOR may see it.',
    roles: ['OPERATOR'],
    query: writeCostsQuery,
    answer: writeCosts,
    handle: async ({ query }) => {
      if (query.tenant !== undefined) throw new RequestProblem('BAD_USER_INPUT', 'tenant', 'reloads are not counted by tenant.')
      const now = cache.now()
      const source = requireHistory(history)
      await storeNow(source)
      const { range, uncounted, writes } = await costsIn(
        { history: source, inventory: cache.inventory, readersOf },
        rangeOf(query, now),
        query.cause,
      )
      return { at: new Date(now).toISOString(), range, uncounted, total: writes.length, writes: writes.slice(0, query.limit) }
    },
  })
}
