import { sql } from 'kysely'
import { inGroups } from '../../../gateway/contract/list-counts.ts'
import type { FieldLoad, ReadContext } from '../../../gateway/contract/module.ts'
import type { DomainFacets } from '../schema-types.generated.ts'
import { campaignsOf, conditionsOf, type DomainConnection } from './queries.ts'

const MAX_TLDS = 20

interface Counted {
  readonly place: number
  readonly facet: 'status' | 'tld'
  readonly value: string
  readonly count: number
}

/**
 * Computes the facets (counts by property) of all searches with the same filter in one statement, which reads the found domains only once.
 */
export const facetsOfSearches: FieldLoad<DomainConnection, unknown, DomainFacets> = (connections, _args, read) =>
  inGroups(
    connections,
    ({ source: { campaignId, filter, query } }) => JSON.stringify([campaignId === null, filter, query]),
    async (group) => {
      const rows = await countFacets(read, group)
      return group.map((_, index) => toFacets(rows.filter(({ place }) => place === index + 1)))
    },
  )

async function countFacets(read: ReadContext, group: readonly DomainConnection[]): Promise<readonly Counted[]> {
  const sources = group.map(({ source }) => source)
  const of = campaignsOf(sources)
  const conditions = [sql`tenant_id = ${read.tenant}`, ...(of ? [sql`campaign_id = parent.id`] : []), ...conditionsOf(sources[0])]
  const { rows } = await sql<Counted>`
    select parent.place, case when found.status is null then 'tld' else 'status' end as facet, coalesce(found.status, found.tld) as value, found.count
    from unnest(${of ? of.ids.map(String) : ['0']}::int8[]) with ordinality as parent (id, place)
    cross join lateral (
      select status, tld, count(*) as count
      from domains
      where ${sql.join(conditions, sql` and `)}
      group by grouping sets ((status), (tld))
    ) as found
    order by found.count desc, value
  `.execute(read.db)
  return rows
}

function toFacets(rows: readonly Counted[]): DomainFacets {
  return {
    // The cast is safe, because the database rejects any other value of the column.
    statuses: rows
      .filter(({ facet }) => facet === 'status')
      .map(({ value, count }) => ({ status: value as DomainFacets['statuses'][number]['status'], count })),
    tlds: rows
      .filter(({ facet }) => facet === 'tld')
      .slice(0, MAX_TLDS)
      .map(({ value, count }) => ({ tld: value, count })),
  }
}
