import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { needs } from '../servers/availability.ts'
import { createDatabase, type TestDatabase } from '../servers/database.ts'
import { type RedisServer, startRedis } from '../servers/redis.ts'
import { type Gateway, startGateway } from './gateway.ts'

const CAMPAIGN = 'query Campaign($id: ID!) { campaign(id: $id) { id name version } }'
const RENAME =
  'mutation Rename($input: UpdateCampaignInput!) { updateCampaign(input: $input) { campaign { name version } errors { message code } } }'

describe.each([['with Redis'], ['with Redis stopped']])('two gateway processes on one database, %s', needs('redis-server'), (variant) => {
  let database: TestDatabase
  let redis: RedisServer
  let a: Gateway
  let b: Gateway
  let id: string

  beforeAll(async () => {
    database = await createDatabase({ seed: true })
    redis = await startRedis()
    const env = { DATABASE_URL: database.url, REDIS_URL: redis.url, CACHE_TICK_MS: '100' }
    ;[a, b] = await Promise.all([startGateway(env), startGateway(env)])
    const { data } = await a.ask('{ campaigns(first: 1) { nodes { id } } }')
    id = data?.['campaigns'].nodes[0].id
    if (variant === 'with Redis stopped') await redis.stop()
  })

  afterAll(async () => {
    await Promise.all([a?.stop(), b?.stop()])
    await redis?.stop()
    await database?.drop()
  })

  const nameOn = async (gateway: Gateway, consistencyToken?: string) =>
    (await gateway.ask(CAMPAIGN, { variables: { id }, ...(consistencyToken === undefined ? {} : { consistencyToken }) })).data?.['campaign']
      .name
  const versionOn = async (gateway: Gateway) => (await gateway.ask(CAMPAIGN, { variables: { id } })).data?.['campaign'].version

  /**
   * Reads until the new name is returned. Only reads that were sent within the staleness bound may return the old name.
   */
  const expectWithinBound = async (gateway: Gateway, name: string) => {
    const changedAt = performance.now()
    for (;;) {
      const sentAt = performance.now()
      const read = await nameOn(gateway)
      if (read === name) return
      expect(sentAt - changedAt, `a read gave ${read}`).toBeLessThan(1000)
    }
  }

  it("see each other's writes immediately with the consistency token", async () => {
    for (let round = 0; round < 20; round++) {
      const before = await versionOn(a)
      await nameOn(b)
      const name = `with token ${round}`
      const { data, token, extensions } = await a.ask(RENAME, { variables: { input: { id, version: before, name } } })
      expect(data?.['updateCampaign']).toEqual({ campaign: { name, version: before + 1 }, errors: [] })
      expect(extensions?.['consistencyToken']).toBe(token)
      expect(await nameOn(a)).toBe(name)
      expect(await nameOn(b, token ?? '')).toBe(name)
    }
  })

  it("see each other's writes without the consistency token in every read that is sent more than one second after the write", async () => {
    const before = await versionOn(a)
    await nameOn(b)
    await a.ask(RENAME, { variables: { input: { id, version: before, name: 'without token' } } })
    await expectWithinBound(b, 'without token')
  })

  it('return the new value of a row that another program changed, in every read that is sent more than one second after the change', async () => {
    await Promise.all([nameOn(a), nameOn(b)])
    await database.query("update campaigns set name = 'changed elsewhere' where id = $1", [
      Buffer.from(id, 'base64url').toString().split(':')[1],
    ])
    await Promise.all([expectWithinBound(a, 'changed elsewhere'), expectWithinBound(b, 'changed elsewhere')])
  })

  it('no longer return a deleted row', async () => {
    const created = await a.ask(
      'mutation { createCampaign(input: { name: "short-lived", budget: { amount: 100, currency: "USD" }, keywords: ["roof"] }) { campaign { id } errors { message } } }',
    )
    const shortLived = created.data?.['createCampaign'].campaign?.id
    expect(created.data?.['createCampaign'].errors).toEqual([])
    const read = (gateway: Gateway, token: string | null) =>
      gateway.ask(CAMPAIGN, { variables: { id: shortLived }, consistencyToken: token ?? '' })
    expect((await read(b, created.token)).data?.['campaign'].name).toBe('short-lived')
    const deleted = await b.ask('mutation Delete($id: ID!) { deleteCampaign(input: { id: $id }) { deletedId errors { message } } }', {
      variables: { id: shortLived },
    })
    expect((await read(a, deleted.token)).data).toEqual({ campaign: null })
  })
})
