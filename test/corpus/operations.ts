import type { GraphQLSchema } from 'graphql'
import { toGlobalId } from '#src/gateway/contract/global-id.ts'
import { operationOf, type Pool } from '../e2e/schema-walk.ts'
import type { TestDatabase } from '../servers/database.ts'
import { handWritten } from './hand-written.ts'

export interface CorpusOperation {
  readonly name: string
  readonly document: string
  readonly operationName?: string
  readonly variables: Readonly<Record<string, unknown>>
}

/** Ids in a seeded database for the operations of one tenant, and one id of a row that belongs to another tenant. */
export interface Ids {
  readonly tenant: string
  readonly user: string
  readonly campaigns: readonly [string, string]
  readonly domain: string
  readonly domainName: string
  readonly liveDomain: string
  readonly text: string
  readonly call: string
  readonly bid: string
  readonly buyer: string
  readonly publisher: string
  readonly foreignCampaign: string
  /** Start of a time range that has ended. */
  readonly from: string
  readonly to: string
}

const DAY_MS = 24 * 60 * 60 * 1000

/** Returns ids for the operations of a tenant. @param now Unix epoch, ms. Use the same value for all runs whose responses are compared. */
export async function idsOf(database: Pick<TestDatabase, 'query'>, tenant: string, now: number): Promise<Ids> {
  const idsIn = async (type: string, table: string, condition = 'true'): Promise<string[]> => {
    const rows = await database.query(`select id from ${table} where tenant_id = $1 and ${condition} order by id limit 2`, [tenant])
    return rows.map(({ id }) => toGlobalId(type, String(id)))
  }
  const first = ([id]: readonly string[]): string => {
    if (id === undefined) throw new Error(`${tenant} lacks a row that the operations ask for.`)
    return id
  }
  const busy = 'exists (select from calls c join domains d on d.campaign_id = c.campaign_id where c.campaign_id = campaigns.id)'
  const campaigns = await idsIn('Campaign', 'campaigns', busy)
  const domains = await database.query('select id, name, terms[1] as term from domains where tenant_id = $1 order by id limit 1', [tenant])
  const [live] = await database.query("select name from domains where tenant_id = $1 and status = 'LIVE' order by id limit 1", [tenant])
  const [foreign] = await database.query('select id from campaigns where tenant_id <> $1 order by id limit 1', [tenant])
  const [domain] = domains
  return {
    tenant: toGlobalId('Tenant', tenant),
    user: first(await idsIn('User', 'users')),
    campaigns: [first(campaigns), first(campaigns.slice(1))],
    domain: toGlobalId('Domain', String(domain?.['id'])),
    domainName: String(domain?.['name']),
    liveDomain: String(live?.['name']),
    text: String(domain?.['term']),
    call: first(await idsIn('Call', 'calls', "status = 'SETTLED'")),
    bid: first(await idsIn('Bid', 'bids')),
    buyer: first(await idsIn('Buyer', 'buyers')),
    publisher: first(await idsIn('Publisher', 'publishers')),
    foreignCampaign: toGlobalId('Campaign', String(foreign?.['id'])),
    from: new Date(now - 20 * DAY_MS).toISOString(),
    to: new Date(now - 2 * DAY_MS).toISOString(),
  }
}

/**
 * Keeps open bids open. Otherwise bids would expire, and their status and the lists of open bids would change, while
 * responses are compared. Call this before the first read.
 */
export async function holdOpenBids(database: Pick<TestDatabase, 'query'>): Promise<void> {
  await database.query("update bids set expires_at = now() + interval '1 day' where status = 'ACTIVE' and expires_at > now()")
}

/**
 * Returns every operation of the corpus: all hand-written operations, and one or two generated operations for each root
 * field of the schema. `analytics` is excluded: without arguments its range ends with the current hour.
 */
export function corpus(schema: GraphQLSchema, ids: Ids): CorpusOperation[] {
  return [...handWritten(ids), ...generated(schema, ids)]
}

function generated(schema: GraphQLSchema, ids: Ids): CorpusOperation[] {
  const base = { cursor: null, domainName: ids.domainName, text: ids.text, currency: 'USD', version: 1, eventId: 'corpus' }
  const pool: Pool = { ...base, id: ids.campaigns[0], from: ids.from, to: ids.to }
  const idOfField: Record<string, string> = { domain: ids.domain, call: ids.call, bid: ids.bid, buyer: ids.buyer, publisher: ids.publisher }
  const fields = Object.values(schema.getQueryType()?.getFields() ?? {}).filter(({ name }) => name !== 'analytics')
  return fields.flatMap((field) => {
    const own: Pool = { ...pool, id: idOfField[field.name] ?? pool.id }
    // Without its argument `first` a list has the default length, and with all nested fields the response would have several megabytes.
    const isList = field.args.some(({ name }) => name === 'first')
    return (isList ? [own] : [own, { ...own, bare: true }]).map((given) => {
      const { query, variables } = operationOf('query', field, given)
      return { name: `generated: ${field.name}${given.bare ? ', bare' : ''}`, document: query, variables }
    })
  })
}
