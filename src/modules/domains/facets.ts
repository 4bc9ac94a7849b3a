import { sql } from 'kysely'
import type { FieldLoad, ReadContext } from '../module.ts'
import type { DomainFacets } from '../schema-types.generated.ts'
import { bySameConditions, campaignsOf, conditionsOf, type DomainConnection } from './queries.ts'

const MOST_TLDS = 20

interface Counted {
  readonly place: number
  readonly facet: 'status' | 'tld'
  readonly value: string
  readonly count: number
}

/** Every search's facets of one filter in one statement, which reads what was found once. */
export const facetsOfSearches: FieldLoad<DomainConnection, unknown, DomainFacets> = async (connections, _args, read) => {
  const facets = new Map<DomainConnection, DomainFacets>()
  for (const group of bySameConditions(connections)) {
    const rows = await countFacets(read, group)
    for (const [index, connection] of group.entries()) facets.set(connection, toFacets(rows.filter(({ place }) => place === index + 1)))
  }
  return connections.map((connection) => facets.get(connection) ?? { statuses: [], tlds: [] })
}

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
    // The database lets no other value into the column.
    statuses: rows
      .filter(({ facet }) => facet === 'status')
      .map(({ value, count }) => ({ status: value as DomainFacets['statuses'][number]['status'], count })),
    tlds: rows
      .filter(({ facet }) => facet === 'tld')
      .slice(0, MOST_TLDS)
      .map(({ value, count }) => ({ tld: value, count })),
  }
}
