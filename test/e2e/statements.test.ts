import pg from 'pg'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type PostgresServer, startPostgres } from '../servers/postgres.ts'
import { type Gateway, startGateway } from './gateway.ts'

interface Counted {
  readonly query: string
  readonly calls: number
}

const PAGE = `{
  campaigns(first: 50) {
    nodes {
      id
      owner { name }
      domains(first: 5) { nodes { name status } }
      statistics { calls bids winRate domainsByStatus { status count } }
      bids(first: 3) { nodes { amount { amount } buyer { name } } }
    }
  }
}`

describe('the number of SQL statements, as counted by pg_stat_statements,', () => {
  let server: PostgresServer
  let client: pg.Client
  let gateway: Gateway

  beforeAll(async () => {
    server = await startPostgres({ shared_preload_libraries: 'pg_stat_statements' })
    // Each test invalidates everything first. Warming would then execute the operations of earlier tests again.
    gateway = await startGateway({ DATABASE_URL: server.url, WARMING: 'off' })
    client = new pg.Client({ connectionString: server.url })
    client.on('error', () => undefined)
    await client.connect()
    await client.query('create extension pg_stat_statements')
  }, 90_000)

  afterAll(async () => {
    await gateway?.stop()
    await client?.end()
    await server?.stop()
  })

  /**
   * Returns the statements that the gateway sent for requests. Left out are the cache's syncs of its log, the statements that trace table
   * reads in development, and the statements on the tables of operations, which the gateway sends from time to time.
   */
  const counted = async (): Promise<Counted[]> => {
    const { rows } = await client.query(
      "select query, calls::int from pg_stat_statements where query !~ 'cache\\.|cache_|pg_stat_statements|pg_is_in_recovery|pg_locks' and query !~* '^(begin|commit|rollback|set)' order by query",
    )
    return rows
  }

  const invalidatedTags = async () =>
    Number(/^tidegate_cache_invalidated_tags_total (\d+)$/m.exec(await (await fetch(`${gateway.url}/metrics`)).text())?.[1])

  beforeEach(async () => {
    // Invalidates everything, as an operator would, and waits until the gateway has applied it.
    const before = await invalidatedTags()
    await client.query("insert into cache.pending (tags) values ('{*}')")
    await expect.poll(invalidatedTags, { timeout: 10_000, interval: 20 }).toBeGreaterThan(before)
    // Reads the identity of the caller again.
    await gateway.ask('mutation { refreshAnalytics { correctedRows } }')
    await client.query('select pg_stat_statements_reset()')
  })

  it('is one for 500 concurrent identical requests, and every response is correct', async () => {
    const list = '{ campaigns(first: 10, orderBy: { field: NAME }) { nodes { id name domainCount } } }'
    const answers = await Promise.all(Array.from({ length: 500 }, () => gateway.ask(list)))
    const statements = await counted()
    // The mutation may already have loaded the identity of the caller, and then no statement loads it again.
    const [identity, asked] = [true, false].map((of) => statements.filter(({ query }) => /token_cutoffs|revoked_tokens/.test(query) === of))
    expect(asked?.map(({ calls }) => calls)).toEqual([1, 1, 1])
    expect(identity?.length).toBeLessThanOrEqual(2)
    expect(identity?.every(({ calls }) => calls === 1)).toBe(true)
    const { rows } = await client.query(
      `select c.name, count(d.id)::int as "domainCount" from campaigns c left join domains d on d.campaign_id = c.id
        where c.tenant_id = 'acme' group by c.id order by c.name, c.id limit 10`,
    )
    for (const { status, data, errors } of answers) {
      expect({ status, errors }).toEqual({ status: 200, errors: undefined })
      expect(
        data?.['campaigns'].nodes.map(({ name, domainCount }: { name: string; domainCount: number }) => ({ name, domainCount })),
      ).toEqual(rows)
    }
  })

  it('is at most four per table when a page of 50 campaigns with nested objects is read, and zero for the second read', async () => {
    const first = await gateway.ask(PAGE)
    expect(first.errors).toBeUndefined()
    expect(first.data?.['campaigns'].nodes.length).toBeGreaterThan(10)
    const statements = await counted()
    // A batch of 400 rows gives up its turn of the event loop, so a slow process may load the rows below it in two parts.
    expect(statements.filter(({ calls }) => calls > 2)).toEqual([])
    const tables = Map.groupBy(statements, ({ query }) => /\bfrom\s+"?(?!unnest)(\w+)/i.exec(query)?.[1])
    for (const name of ['campaigns', 'users', 'domains', 'bids', 'buyers']) expect(tables.get(name)?.length, name).toBeGreaterThan(0)
    for (const [table, asked] of tables)
      expect(asked.length, `${table}: ${asked.map(({ query }) => query).join('\n')}`).toBeLessThanOrEqual(2)

    await client.query('select pg_stat_statements_reset()')
    const again = await gateway.ask(PAGE)
    const asked = await counted()
    expect(asked, again.headers.get('cache-status') ?? '').toEqual([])
    expect(again.headers.get('x-cache'), again.headers.get('cache-status') ?? '').toBe('HIT')
    expect(again.data).toEqual(first.data)
  })

  it('is zero for the tables users and buyers when the page is read again after a mutation that changed only a campaign', async () => {
    const { data } = await gateway.ask(PAGE)
    const [{ id }] = data?.['campaigns'].nodes ?? []
    const { data: read } = await gateway.ask('query One($id: ID!) { campaign(id: $id) { version } }', { variables: { id } })
    const rename = 'mutation Rename($input: UpdateCampaignInput!) { updateCampaign(input: $input) { errors { message } } }'
    await gateway.ask(rename, {
      variables: { input: { id, version: read?.['campaign'].version, budget: { amount: 4711, currency: 'USD' } } },
    })
    await client.query('select pg_stat_statements_reset()')
    const after = await gateway.ask(PAGE)
    expect(after.headers.get('x-cache')).toBe('MISS')
    const tables = (await counted()).map(({ query }) => /\bfrom\s+"?(?!unnest)(\w+)/i.exec(query)?.[1])
    expect(tables).not.toContain('users')
    expect(tables).not.toContain('buyers')
  })
})
