import type { GraphQLSchema } from 'graphql'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { toGlobalId } from '#src/gateway/contract/global-id.ts'
import type { Principal } from '#src/gateway/identity/principal.ts'
import { createDatabase, type TestDatabase } from '../servers/database.ts'
import { type Gateway, startGateway } from './gateway.ts'
import { introspectionQuery, operationOf, type Pool, readSchema } from './schema-walk.ts'

const TYPES = { Campaign: 'campaigns', Domain: 'domains', Call: 'calls', Bid: 'bids', Buyer: 'buyers', User: 'users' } as const
const PUBLIC = ['domainPatterns', 'liveDomain', 'suggestDomains', 'tlds']
const TENANT_TABLES = [
  'tenants',
  'users',
  'campaigns',
  'domains',
  'buyers',
  'calls',
  'bids',
  'events',
  'domain_counts',
  'campaign_totals',
  'campaign_hours',
  'buyer_days',
  'event_hours',
]
/** Number of fields that are tested at the same time. */
const AT_ONCE = 6
const DAY_MS = 24 * 60 * 60 * 1000

describe('two tenants, acme and northstar, of one gateway', () => {
  let database: TestDatabase
  let gateway: Gateway
  let uncached: Gateway
  let schema: GraphQLSchema
  let acme: Principal
  let northstar: Principal
  /** Texts that occur only in northstar's rows. */
  let secrets: Set<string>
  let pools: Pool[]

  beforeAll(async () => {
    database = await createDatabase({ seed: true })
    ;[gateway, uncached] = await Promise.all([
      startGateway({ DATABASE_URL: database.url }),
      startGateway({ DATABASE_URL: database.url, CACHE: 'off' }),
    ])
    const { data } = await gateway.ask(introspectionQuery)
    schema = readSchema(data)
    const admin = async (tenant: string): Promise<Principal> => {
      const [user] = await database.query("select id from users where tenant_id = $1 and role = 'ADMIN' order by id", [tenant])
      return { tenant, userId: String(user?.['id']), role: 'ADMIN' }
    }
    acme = await admin('acme')
    northstar = await admin('northstar')
    secrets = new Set()
    const ids: string[] = []
    for (const [type, table] of Object.entries(TYPES)) {
      const rows = await database.query(`select id from ${table} where tenant_id = 'northstar' order by id`)
      for (const { id } of rows) secrets.add(toGlobalId(type, String(id)))
      ids.push(...rows.slice(0, 2).map(({ id }) => toGlobalId(type, String(id))))
    }
    const texts = await database.query(`
      select email as text from users where tenant_id = 'northstar'
      union select name from buyers where tenant_id = 'northstar' and name not in (select name from buyers where tenant_id <> 'northstar')
      union select name from domains d where tenant_id = 'northstar' and status <> 'LIVE' and not exists (select from domains o where o.name = d.name and o.tenant_id <> 'northstar')`)
    for (const { text } of texts) secrets.add(String(text))
    const [domain] = await database.query(
      "select name, terms[1] as term from domains d where tenant_id = 'northstar' and status <> 'LIVE' and not exists (select from domains o where o.name = d.name and o.tenant_id <> 'northstar') order by id",
    )
    const now = Date.now()
    const base = {
      cursor: null,
      domainName: String(domain?.['name']),
      text: String(domain?.['term']),
      currency: 'USD',
      version: 1,
      eventId: 'walk',
      from: new Date(now - 20 * DAY_MS).toISOString(),
      to: new Date(now - DAY_MS).toISOString(),
    }
    pools = [toGlobalId('Tenant', 'northstar'), ...ids].map((id) => ({ ...base, id }))
    pools.unshift({ ...base, id: ids[0] ?? '', bare: true })
  })

  afterAll(async () => {
    await Promise.all([gateway?.stop(), uncached?.stop()])
    await database?.drop()
  })

  const queryFields = () => Object.values(schema.getQueryType()?.getFields() ?? {})
  const mutationFields = () => Object.values(schema.getMutationType()?.getFields() ?? {})
  /** Returns the secrets in an answer that were not already in the variables of the request. */
  const leaked = (answer: unknown, variables: unknown): string[] => {
    const asked = new Set(textsIn(variables))
    return [...new Set(textsIn(answer))].filter((text) => secrets.has(text) && !asked.has(text))
  }
  /** Lists the errors sorted by path, because fields of the same object may fail in any order. */
  const errorsByPath = ({ errors = [] }: Awaited<ReturnType<typeof gateway.ask>>): string[] =>
    errors.map(({ path, extensions }) => `${path?.join('.')}: ${extensions.code}`).sort()
  const cursorsOf = (answer: unknown): string[] =>
    [...JSON.stringify(answer ?? null).matchAll(/"endCursor":"([^"]+)"/g)].map((match) => match[1] as string)

  it('read nothing of each other by any query, id, filter or cursor, with and without the cache', async () => {
    const seenByOwner = new Set<string>()
    const asked = new Set<string>()
    await forEach(queryFields(), async (field) => {
      const takesId = /\bID\b/.test(field.args.map(({ type }) => String(type)).join()) || field.args.some(({ name }) => name === 'filter')
      const cursors = new Set<string>()
      const walk = async (pool: Pool) => {
        const { query, variables } = operationOf('query', field, pool)
        const own = await gateway.ask(query, { variables, principal: northstar })
        for (const cursor of cursorsOf(own.data).slice(0, 1)) cursors.add(cursor)
        if (leaked(own.data, null).length > 0) seenByOwner.add(field.name)
        const foreign = await gateway.ask(query, { variables, principal: acme })
        asked.add(field.name)
        // Fields that generate names without reading rows may return names of any tenant.
        const isGenerated = field.name === 'suggestDomains' || field.name === 'domainPatterns'
        if (!isGenerated) expect(leaked(foreign.data, variables), `${query} ${JSON.stringify(variables)}`).toEqual([])
        expect(leaked(foreign.errors ?? [], variables), query).toEqual([])
        for (const principal of [acme, northstar]) {
          const [warm, plain] = await Promise.all([gateway, uncached].map((each) => each.ask(query, { variables, principal })))
          if (!warm || !plain) throw new Error('Expected an answer of each gateway.')
          expect({ data: warm.data, errors: errorsByPath(warm) }, query).toEqual({ data: plain.data, errors: errorsByPath(plain) })
        }
      }
      for (const pool of takesId ? pools : pools.slice(0, 2)) await walk(pool)
      const plain = pools[1]
      for (const cursor of [...cursors].slice(0, 2)) await walk({ ...(plain as Pool), cursor })
    })
    expect([...asked].sort()).toEqual(
      queryFields()
        .map(({ name }) => name)
        .sort(),
    )
    // Proves that the check can fail: the same documents return northstar's rows to northstar.
    for (const name of [
      'node',
      'nodes',
      'campaign',
      'campaigns',
      'domain',
      'domains',
      'domainByName',
      'searchDomains',
      'call',
      'calls',
      'bid',
      'bids',
      'buyer',
      'buyers',
      'viewer',
      'analytics',
    ]) {
      expect(seenByOwner, name).toContain(name)
    }
  }, 120_000)

  it("cannot change each other's rows by any mutation", async () => {
    const rows = async () => {
      const sums: unknown[] = []
      for (const table of TENANT_TABLES) {
        const tenant = table === 'tenants' ? 'id' : 'tenant_id'
        sums.push(
          ...(await database.query(
            `select '${table}' as table, md5(coalesce(string_agg(t::text, '|' order by t::text), '')) as sum from ${table} t where ${tenant} = 'northstar'`,
          )),
        )
      }
      return sums
    }
    const before = await rows()
    const asked = new Set<string>()
    await forEach(mutationFields(), async (field) => {
      for (const pool of pools) {
        for (const version of [1, 2]) {
          const { query, variables } = operationOf('mutation', field, { ...pool, version })
          const { data, errors } = await gateway.ask(query, { variables, principal: acme })
          asked.add(field.name)
          expect(leaked(data, variables), query).toEqual([])
          expect(leaked(errors ?? [], variables), query).toEqual([])
          for (const error of errors ?? [])
            expect(['UNAVAILABLE', 'INTERNAL_SERVER_ERROR'], `${query}: ${error.message}`).not.toContain(error.extensions.code)
        }
      }
    })
    expect([...asked].sort()).toEqual(
      mutationFields()
        .map(({ name }) => name)
        .sort(),
    )
    expect(await rows()).toEqual(before)
  }, 120_000)

  it('show only their public fields to an anonymous caller', async () => {
    const pool = pools[1]
    await forEach(queryFields(), async (field) => {
      const { query, variables } = operationOf('query', field, pool as Pool)
      const { data, errors } = await gateway.ask(query, { variables, principal: null })
      if (PUBLIC.includes(field.name)) expect(errors, field.name).toBeUndefined()
      else {
        expect(
          errors?.map(({ extensions }) => extensions.code),
          field.name,
        ).toEqual(['UNAUTHENTICATED'])
        expect(data?.[field.name] ?? null).toBeNull()
      }
    })
    await forEach(mutationFields(), async (field) => {
      const { query, variables } = operationOf('mutation', field, pool as Pool)
      const { errors } = await gateway.ask(query, { variables, principal: null })
      expect(
        errors?.map(({ extensions }) => extensions.code),
        field.name,
      ).toEqual(['UNAUTHENTICATED'])
    })
  })
})

/** Calls `work` with each item. As many calls are unfinished at a time as {@link AT_ONCE} says. */
async function forEach<Item>(items: readonly Item[], work: (item: Item) => Promise<void>): Promise<void> {
  const rest = items.values()
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      for (const item of rest) await work(item)
    }),
  )
}

/** Lists the texts in a JSON value, without the names of its members. */
function textsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value]
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsIn) : []
}
