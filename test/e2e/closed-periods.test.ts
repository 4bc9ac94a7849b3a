import { setTimeout as pause } from 'node:timers/promises'
import { Redis } from 'ioredis'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { toGlobalId } from '#src/gateway/contract/global-id.ts'
import { needs } from '../servers/availability.ts'
import { createDatabase, type TestDatabase } from '../servers/database.ts'
import { type RedisServer, startRedis } from '../servers/redis.ts'
import { type Answer, type Gateway, startGateway } from './gateway.ts'

const DAY_S = 24 * 60 * 60
const STALE_IF_ERROR_S = 300

const now = new Date()
const lastMonth = new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() - 1, 1))
const thisMonth = new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth(), 1))
const range = `from: "${lastMonth.toISOString()}", to: "${thisMonth.toISOString()}"`
/** A moment of last month. */
const past = new Date(lastMonth.getTime() + 12.5 * DAY_S * 1000).toISOString()

/**
 * Reports of last month that depend on different rows. `events` is a field of `performance`, so the query `events` is also a miss after the
 * performance has changed.
 */
const REPORTS = {
  performance: `{ analytics { performance(${range}) { calls bids wonBids revenue { amount } spend { amount } } } }`,
  events: `{ analytics { performance(${range}) { events { kind count } } } }`,
  callsByHour: `{ analytics { callsByHour(${range}) { calls } } }`,
  revenueByBuyer: `{ analytics { revenueByBuyer(${range}) { bids wonBids revenue { amount } } } }`,
} as const
type Report = keyof typeof REPORTS

const TODAY = '{ analytics { dashboard(period: TODAY) { current { calls bids events { kind count } } } } }'
const TRACK = 'mutation Track($input: TrackEventsInput!) { trackEvents(input: $input) { accepted errors { message } } }'
const BID = 'mutation Bid($input: PlaceBidInput!) { placeBid(input: $input) { bid { id } errors { message } } }'
const SETTLE = 'mutation Settle($input: SettleCallInput!) { settleCall(input: $input) { call { id } errors { message } } }'

describe('the report of last month', needs('redis-server'), () => {
  let database: TestDatabase
  let redis: RedisServer
  let gateway: Gateway
  let campaignId: number
  let buyerId: number
  let pastBidId: number
  let serial = 0
  let token: string | null = null

  beforeAll(async () => {
    database = await createDatabase({ seed: true })
    redis = await startRedis()
    gateway = await startGateway({ DATABASE_URL: database.url, REDIS_URL: redis.url })
    const [campaign] = await database.query("select id from campaigns where tenant_id = 'acme' order by id limit 1")
    const [buyer] = await database.query("select id from buyers where tenant_id = 'acme' and active and cardinality(states) = 0 limit 1")
    campaignId = Number(campaign?.['id'])
    buyerId = Number(buyer?.['id'])
    const callId = await addCall(past)
    const [bid] = await database.query(
      `insert into bids (tenant_id, call_id, campaign_id, buyer_id, amount_minor, placed_at, expires_at)
       values ('acme', $1, $2, $3, 500, $4, $4) returning id`,
      [callId, campaignId, buyerId, past],
    )
    pastBidId = Number(bid?.['id'])
    await track(past)
  })

  afterAll(async () => {
    await gateway?.stop()
    await redis?.stop()
    await database?.drop()
  })

  async function addCall(startedAt: string): Promise<number> {
    const [call] = await database.query(
      "insert into calls (tenant_id, campaign_id, caller_state, started_at, cost_minor) values ('acme', $1, 'CA', $2, 7) returning id",
      [campaignId, startedAt],
    )
    return Number(call?.['id'])
  }

  /** Writes through the gateway. Later reads use the token of the write, so they see every write before it. */
  async function write(mutation: string, input: object): Promise<void> {
    const { data, token: written } = await gateway.ask(mutation, { variables: { input } })
    const [payload] = Object.values(data ?? {})
    expect(payload.errors).toEqual([])
    token = written
  }

  const track = (occurredAt: string) =>
    write(TRACK, {
      events: [{ eventId: `closed-${serial++}`, campaignId: toGlobalId('Campaign', campaignId), kind: 'CLICK', occurredAt }],
    })

  const ask = (query: string): Promise<Answer> => gateway.ask(query, token === null ? {} : { consistencyToken: token })

  /** Writes of today: a call and its bid, which wins, and an event. */
  async function todaysTraffic(): Promise<void> {
    const callId = toGlobalId('Call', await addCall(new Date().toISOString()))
    const input = { callId, buyerId: toGlobalId('Buyer', buyerId), amount: { amount: 900, currency: 'USD' } }
    await write(BID, input)
    await write(SETTLE, { id: callId, durationSeconds: 600 })
    await track(new Date().toISOString())
  }

  async function verdicts(): Promise<Record<Report, string | null>> {
    const asked = Object.entries(REPORTS).map(async ([name, query]) => [name, (await ask(query)).headers.get('x-cache')] as const)
    return Object.fromEntries(await Promise.all(asked)) as Record<Report, string | null>
  }

  const ALL_HITS = { performance: 'HIT', events: 'HIT', callsByHour: 'HIT', revenueByBuyer: 'HIT' }

  it('is still a cache hit after calls, bids and events of today were written, and the figures of today include these writes at once', async () => {
    await verdicts()
    expect(await verdicts()).toEqual(ALL_HITS)
    for (let round = 0; round < 3; round++) {
      const before = (await ask(TODAY)).data?.['analytics'].dashboard.current
      await todaysTraffic()
      expect(await verdicts()).toEqual(ALL_HITS)
      const after = (await ask(TODAY)).data?.['analytics'].dashboard.current
      expect([after.calls, after.bids]).toEqual([before.calls + 1, before.bids + 1])
      expect(after.events).not.toEqual(before.events)
    }
  })

  it('is a cache hit for a query that selects other fields, because each field is cached separately from the whole response', async () => {
    await verdicts()
    await todaysTraffic()
    const { headers } = await ask(`{ analytics { performance(${range}) { averageDurationSeconds } callsByHour(${range}) { bids } } }`)
    expect(headers.get('x-cache')).toBe('HIT')
  })

  it.each<[string, () => Promise<unknown>, readonly Report[], Report]>([
    ['a late event', () => track(past), ['events'], 'events'],
    [
      'the cost of a call',
      async () => {
        await database.query("update calls set cost_minor = cost_minor + 1 where tenant_id = 'acme' and started_at = $1", [past])
        await track(new Date().toISOString())
      },
      ['performance', 'events', 'callsByHour'],
      'performance',
    ],
    [
      'the outcome of a bid',
      async () => {
        await database.query("update bids set status = 'WON' where id = $1", [pastBidId])
        await track(new Date().toISOString())
      },
      ['performance', 'events', 'callsByHour', 'revenueByBuyer'],
      'revenueByBuyer',
    ],
  ])('is reloaded at once after a change, but only in the fields that depend on the changed row: %s', async (_, change, changed, shown) => {
    await verdicts()
    const before = (await ask(REPORTS[shown])).data
    await change()
    const after = await verdicts()
    expect(after).toEqual({ ...ALL_HITS, ...Object.fromEntries(changed.map((name) => [name, 'MISS'])) })
    expect((await ask(REPORTS[shown])).data).not.toEqual(before)
  })

  it('has a TTL in Redis of 24 hours plus the duration of staleIfError', async () => {
    await verdicts()
    const client = new Redis(redis.url)
    try {
      const found = new Map<string, number>()
      for (let attempt = 0; attempt < 100 && found.size < 4; attempt++) {
        for (const key of await client.keys('*acme:*')) {
          const [, field] = /:((?:Analytics|Performance)\.\w+)@.*(?:#|"2)/.exec(key) ?? []
          if (field !== undefined && !field.endsWith('dashboard')) found.set(field, Math.max(found.get(field) ?? 0, await client.ttl(key)))
        }
        await pause(20)
      }
      expect([...found.keys()].sort()).toEqual([
        'Analytics.callsByHour',
        'Analytics.performance',
        'Analytics.revenueByBuyer',
        'Performance.events',
      ])
      for (const seconds of found.values()) {
        expect(seconds).toBeGreaterThan(DAY_S + STALE_IF_ERROR_S - 120)
        expect(seconds).toBeLessThanOrEqual(DAY_S + STALE_IF_ERROR_S)
      }
    } finally {
      client.disconnect()
    }
  })
})
