import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { call, type Json, type Members, operator, twoTenants } from '../admin/management.ts'
import { type Gateway, startGateway } from '../e2e/gateway.ts'
import { createDatabase, type TestDatabase } from '../servers/database.ts'
import { type RedisServer, startRedis } from '../servers/redis.ts'

const TEN = 'query Ten { campaigns(first: 10) { nodes { id name } } }'
const QUERY = 'query Names { campaigns(first: 1) { nodes { id name } } }'

let database: TestDatabase
let redis: RedisServer
let gateways: readonly [Gateway, Gateway]
let own: Members
let id: number
let names = 0

beforeAll(async () => {
  database = await createDatabase({ seed: true })
  redis = await startRedis()
  ;[own] = await twoTenants(database)
  const env = { DATABASE_URL: database.url, REDIS_URL: redis.url, WARMING: 'off', ADMIN_PORT: '0' }
  gateways = [await startGateway(env), await startGateway(env)]
  const [node] = await read(gateways[0])
  id = numberOf(node.id)
})
afterAll(async () => {
  for (const gateway of gateways ?? []) await gateway.stop()
  await redis?.stop()
  await database?.drop()
})

async function read(gateway: Gateway): Promise<Json> {
  const { data, errors } = await gateway.ask(QUERY, { principal: own.admin })
  expect(errors).toBeUndefined()
  return data?.['campaigns'].nodes
}

const nameAt = async (gateway: Gateway) => (await read(gateway))[0].name

function adminUrl({ output }: Gateway): string {
  const port = /"adminPort":(\d+)/.exec(output.join('\n'))?.[1]
  return `http://127.0.0.1:${port}`
}

/** Changes the name of the campaign without a trace in the invalidation log, so that nothing but a purge invalidates the cached name. Returns the new name. */
async function changeSilently(): Promise<string> {
  for (const gateway of gateways) for (let round = 0; round < 2; round++) await nameAt(gateway)
  const name = `Silent ${++names}`
  await database.query('begin')
  await database.query('update campaigns set name = $1 where id = $2', [name, id])
  // The triggers run for every role and session, so what they wrote is deleted again.
  await database.query('delete from cache.pending where xid = pg_current_xact_id()')
  await database.query('commit')
  return name
}

/** Returns the number of a campaign in its table. */
const numberOf = (globalId: string) => Number(Buffer.from(globalId, 'base64').toString().replace(/\D/g, ''))

describe('an experiment that one of two gateways starts', () => {
  it('runs on both, is counted on both, and both serve the new value after a write, in both arms.', async () => {
    const [first, second] = gateways
    const start = { coordinate: 'Campaign', values: { l1: 30, l2: 300 }, leadInHours: 0 }
    const started = await call(adminUrl(first), 'POST', '/experiments', operator, start)
    expect(started.body).toMatchObject({ instances: [{ state: 'applied' }, { state: 'applied' }] })
    const ten = async (gateway: Gateway): Promise<Json[]> => (await gateway.ask(TEN, { principal: own.admin })).data?.['campaigns'].nodes
    const ids = (await ten(first)).map((node) => numberOf(node.id))
    expect(ids).toHaveLength(10)
    for (let round = 0; round < 4; round++) {
      const name = `Tried ${round}`
      await database.query('update campaigns set name = $1::text || id where id = any($2)', [name, ids])
      const isNewAt = (gateway: Gateway) =>
        vi.waitUntil(async () => (await ten(gateway)).every((node) => node.name.startsWith(name)), { timeout: 3000, interval: 20 })
      await Promise.all(gateways.map(isNewAt))
    }
    const { body } = await call(adminUrl(second), 'POST', '/experiments/stop', operator, { coordinate: 'Campaign' })
    expect(body).toMatchObject({ instances: [{ state: 'applied' }, { state: 'applied' }], experiments: [{ phase: 'ended' }] })
    // Each gateway reads the ten rows again after each write, and nobody else reads rows of campaigns.
    const [{ reads, comparison }] = body.experiments
    expect(reads.trial).toBeGreaterThanOrEqual(80)
    expect([comparison.control.reads > 0, comparison.trial.reads > 0]).toEqual([true, true])
  })
})

describe('a purge on one of two gateways', () => {
  it.each<[string, string, () => Json, boolean]>([
    ['a row', '/invalidate', () => ({ tags: [`${own.tenant}:Campaign:${id}`] }), false],
    ['a pattern', '/invalidate', () => ({ pattern: 'Camp*' }), false],
    ['a tenant', '/clear-all', () => ({ confirm: own.tenant }), false],
    ['everything', '/clear-all', () => ({ confirm: 'all' }), true],
  ])('of %s makes both serve the new value when the answer comes.', async (_, path, body, isOperator) => {
    const [first, second] = gateways
    const before = await nameAt(second)
    const name = await changeSilently()
    expect([await nameAt(first), await nameAt(second)]).toEqual([before, before])
    const answer = await call(adminUrl(first), 'POST', path, isOperator ? operator : own.admin, body())
    const served = [await nameAt(second), await nameAt(first)]
    expect(answer.body).toMatchObject({ isComplete: true, instances: [{ state: 'applied' }, { state: 'applied' }] })
    expect(served).toEqual([name, name])
  })

  it('waits for the staleness bound if the other does not respond, and the other then serves the new value.', async () => {
    const [first, second] = gateways
    const name = await changeSilently()
    second.process.kill('SIGSTOP')
    try {
      const { body } = await call(adminUrl(first), 'POST', '/invalidate', own.admin, { tags: [`${own.tenant}:Campaign:${id}`] })
      expect(body.isComplete).toBe(true)
      expect(body.waitedMs).toBeGreaterThan(1000)
      expect(body.instances.map(({ state }: Json) => state).sort()).toEqual(['applied', 'lease ended'])
    } finally {
      second.process.kill('SIGCONT')
    }
    expect(await nameAt(second)).toBe(name)
  })

  it('is proved by the wait: a purge that answers without it leaves an old value at the other.', async () => {
    const [, second] = gateways
    let isOld = false
    for (let attempt = 0; attempt < 10 && !isOld; attempt++) {
      const name = await changeSilently()
      await database.query('insert into cache.pending (tags) values ($1)', [[`${own.tenant}:Campaign:${id}`]])
      isOld = (await nameAt(second)) !== name
    }
    expect(isOld).toBe(true)
  })

  it('is served on ADMIN_PORT only, where nothing else is served.', async () => {
    const [first] = gateways
    expect((await call(first.url, 'GET', '/policies', own.admin)).code).toBe('NOT_FOUND')
    expect((await fetch(`${adminUrl(first)}/graphql`)).status).toBe(404)
  })

  it('can be followed by a change of policies, which both use when the answer comes.', async () => {
    const [first, second] = gateways
    const { body } = await call(adminUrl(first), 'POST', '/policies', operator, { set: [{ coordinate: 'Campaign', values: { l1: 7 } }] })
    expect(body.instances.map(({ state }: Json) => state)).toEqual(['applied', 'applied'])
    const { policies } = (await call(adminUrl(second), 'GET', '/policies', own.admin)).body
    expect(policies.find(({ coordinate }: Json) => coordinate === 'Campaign')).toMatchObject({ values: { l1: 7 }, isOverridden: true })
  })
})
