import { sql } from 'kysely'
import { GatewayError } from '../../../errors.ts'
import type { FieldLoad } from '../../../gateway/contract/module.ts'
import { anyOf } from '../../../gateway/contract/row-order.ts'
import type { DomainStatisticsArgs } from '../schema-types.generated.ts'
import type { Domain, DomainStatistics } from './entity.ts'

const DAY_MS = 86_400_000
const NONE: DomainStatistics = Object.freeze({ calls: 0, settledCalls: 0, durationSeconds: 0, spendMinor: 0, revenueMinor: 0 })

/** Loads the figures of any number of domains with one statement. */
export const statisticsOfDomains: FieldLoad<Domain, DomainStatisticsArgs, DomainStatistics> = async (domains, { from, to }, read) => {
  if (from != null && to != null && Date.parse(from) >= Date.parse(to))
    throw new GatewayError('BAD_USER_INPUT', `Expected \`from\` before \`to\`, got ${from} and ${to}.`)
  let query = read.db
    .selectFrom('domainDays')
    .select([
      'domainId',
      sql<number>`sum(calls)::int8`.as('calls'),
      sql<number>`sum(settled_calls)::int8`.as('settledCalls'),
      sql<number>`sum(duration_seconds)::int8`.as('durationSeconds'),
      sql<number>`sum(spend_minor)::int8`.as('spendMinor'),
      sql<number>`sum(revenue_minor)::int8`.as('revenueMinor'),
    ])
    .where('tenantId', '=', read.tenant)
    .where('domainId', '=', anyOf(domains.map(({ id }) => id)))
    .groupBy('domainId')
  if (from != null) query = query.where('day', '>=', dayOf(Date.parse(from)))
  if (to != null) query = query.where('day', '<', dayOf(Date.parse(to) + DAY_MS - 1))
  const rows = await query.execute()
  const figures = new Map(rows.map(({ domainId, ...sums }) => [domainId, sums]))
  return domains.map(({ id }) => figures.get(id) ?? NONE)
}

function dayOf(time: number): string {
  return new Date(time).toISOString().slice(0, 10)
}
