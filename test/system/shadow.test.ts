import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Gateway, startGateway } from '../e2e/gateway.ts'
import { createDatabase, type TestDatabase } from '../servers/database.ts'

const LIST = '{ campaigns(first: 2) { nodes { id name } } }'
const MESSAGE = 'shadow mode found a served value that violates the promise of freshness'

let database: TestDatabase
let gateway: Gateway

beforeAll(async () => {
  database = await createDatabase({ seed: true })
  gateway = await startGateway({ DATABASE_URL: database.url, CACHE_SHADOW_RATE: '1', METRICS: 'on' })
})

afterAll(async () => {
  await gateway?.stop()
  await database?.drop()
})

const violations = () => gateway.output.filter((line) => line.includes(MESSAGE)).map((line) => JSON.parse(line))

/** Returns the number of comparisons with an outcome. */
async function compared(outcome: string): Promise<number> {
  const text = await (await fetch(`${gateway.url}/metrics`)).text()
  return Number(new RegExp(`^tidegate_cache_shadow_reads_total\\{outcome="${outcome}"\\} (\\d+)`, 'm').exec(text)?.[1] ?? Number.NaN)
}

describe('Shadow mode in a whole gateway', () => {
  it('finds that repeated responses equal the database, and answers them as usual.', async () => {
    const query = '{ tlds(kind: GENERIC) { name } }'
    const before = await compared('equal')
    const { data } = await gateway.ask(query)
    for (let asked = 1; asked < 4; asked++) {
      const again = await gateway.ask(query)
      expect([again.data, again.headers.get('x-cache')]).toEqual([data, 'HIT'])
      // The comparison of a response begins when the response is sent.
      await expect.poll(() => compared('equal')).toBeGreaterThanOrEqual(before + asked)
    }
    expect(violations().filter(({ paths }) => paths.some((path: string) => path.includes('tlds')))).toEqual([])
  })

  it('reports a row that was changed without an invalidation: the whole response and the row, with the paths of the fields and no values.', async () => {
    const { data } = await gateway.ask(LIST)
    const { id, name } = data?.['campaigns'].nodes[0] ?? {}
    const [row] = await database.query('select id from campaigns where tenant_id = $1 and name = $2', ['acme', name])
    // A superuser removes the tags of the write before its COMMIT.
    await database.query(`
      begin;
      update campaigns set name = 'planted' where id = ${row?.['id']};
      delete from cache.pending where xid = pg_current_xact_id();
      commit
    `)
    await gateway.ask(LIST)
    await expect
      .poll(violations)
      .toContainEqual(expect.objectContaining({ layer: 'l1', reason: 'not invalidated', paths: ['data.campaigns.nodes[0].name'] }))
    await gateway.ask(`{ node(id: "${id}") { ... on Campaign { name status } } }`)
    await expect
      .poll(violations)
      .toContainEqual(expect.objectContaining({ policy: 'Campaign', reason: 'not invalidated', paths: expect.arrayContaining(['name']) }))
    expect(JSON.stringify(violations())).not.toContain('planted')
    expect(await compared('violation')).toBeGreaterThanOrEqual(2)
  })
})
