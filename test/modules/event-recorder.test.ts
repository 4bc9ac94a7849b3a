import { setImmediate as nextTurn } from 'node:timers/promises'
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { CALL_BYTES, createEventRecorder, EVENT_BYTES, type EventRecorderOptions } from '#src/market/modules/analytics/event-recorder.ts'
import type { NewEvent } from '#src/market/modules/analytics/insert-events.ts'
import { openMarketDatabase } from '#src/market/tables/database.ts'
import { startLink } from '../faults/link.ts'
import { addMarket, createScratchDatabase, type Market, type ScratchDatabase } from './scratch-database.ts'

let scratch: ScratchDatabase
let tenants = 0

beforeAll(async () => {
  scratch = await createScratchDatabase()
})
afterAll(() => scratch?.drop())

const newMarket = () => addMarket(scratch.db, `tenant-${++tenants}`)
const stored = (tenant: string) => scratch.db.selectFrom('events').selectAll().where('tenantId', '=', tenant).orderBy('eventId').execute()

function event(market: Market, eventId: string, change: Partial<NewEvent> = {}): NewEvent {
  return {
    eventId,
    campaignId: String(market.campaignId),
    domainId: null,
    kind: 'CLICK',
    occurredAt: '2026-03-01T10:30:00.000Z',
    ...change,
  }
}

async function addDomain(market: Market, name: string): Promise<string> {
  const words = { sld: name.slice(0, -4), tld: 'com', terms: sql<string[]>`'{}'`, score: 50, popularityRank: null }
  const domain = { tenantId: market.tenant, campaignId: market.campaignId, name, ...words }
  return String((await scratch.db.insertInto('domains').values(domain).returning('id').executeTakeFirstOrThrow()).id)
}

/** Creates a recorder that flushes only when the test fires its timer. */
function heldRecorder(options: Partial<EventRecorderOptions> = {}) {
  const timers: (() => void)[] = []
  const setTimer: EventRecorderOptions['setTimer'] = (callback) => {
    timers.push(callback)
    return { cancel: () => timers.splice(timers.indexOf(callback), 1) }
  }
  const defaults = { flushMaxEvents: 1000, flushDelayMs: 5, maxPendingBytes: 2 ** 24, monotonic: () => 0 }
  const recorder = createEventRecorder({ db: scratch.db, setTimer, ...defaults, ...options })
  const fire = () => {
    for (const callback of timers.splice(0)) callback()
  }
  return { recorder, fire, timers }
}

/** Counts the statements that insert events. */
async function insertsDuring(work: () => Promise<unknown>): Promise<number> {
  const count = async () =>
    (await sql<{ n: number }>`select count(distinct received_at) as n from events`.execute(scratch.db)).rows[0]?.n ?? 0
  const before = await count()
  await work()
  return (await count()) - before
}

describe('the event recorder, which writes the events of concurrent requests in batches,', () => {
  it('writes the events of concurrent callers together, across tenants, and returns to each caller the counts of its own events', async () => {
    const [one, two] = [await newMarket(), await newMarket()]
    const { recorder, fire } = heldRecorder()
    const transactions = await insertsDuring(async () => {
      const receipts = Promise.all([
        recorder.record(one.tenant, [event(one, 'a'), event(one, 'b')]),
        recorder.record(two.tenant, [event(two, 'a')]),
        recorder.record(one.tenant, [event(one, 'b'), event(one, 'c')]),
      ])
      fire()
      expect(await receipts).toEqual([
        { accepted: 2, duplicates: 0, rejected: [] },
        { accepted: 1, duplicates: 0, rejected: [] },
        { accepted: 1, duplicates: 1, rejected: [] },
      ])
    })
    expect(transactions).toBe(1)
    expect((await stored(one.tenant)).map(({ eventId }) => eventId)).toEqual(['a', 'b', 'c'])
    const hours = await scratch.db.selectFrom('eventHours').selectAll().where('tenantId', '=', one.tenant).execute()
    expect(hours).toMatchObject([{ kind: 'CLICK', hour: '2026-03-01T10:00:00.000Z', count: 3 }])
  })

  it('counts the events of a repeated batch as duplicates', async () => {
    const market = await newMarket()
    const { recorder, fire } = heldRecorder()
    for (const accepted of [2, 0]) {
      const receipt = recorder.record(market.tenant, [event(market, 'a'), event(market, 'b'), event(market, 'a')])
      fire()
      expect(await receipt).toEqual({ accepted, duplicates: 3 - accepted, rejected: [] })
    }
  })

  it('answers only after another connection can read the events', async () => {
    const market = await newMarket()
    const { recorder, fire } = heldRecorder()
    let answered = false
    await scratch.db.transaction().execute(async (transaction) => {
      await sql`lock table events in share mode`.execute(transaction)
      void recorder.record(market.tenant, [event(market, 'a')]).then(() => (answered = true))
      fire()
      await sql`select pg_sleep(0.05)`.execute(transaction)
      expect(answered).toBe(false)
    })
    await recorder.drain()
    expect(answered).toBe(true)
    expect(await stored(market.tenant)).toHaveLength(1)
  })

  it('reports events with campaigns or domains that the tenant does not have, and stores the other events', async () => {
    const [market, stranger] = [await newMarket(), await newMarket()]
    const [own, foreign] = [await addDomain(market, 'own.com'), await addDomain(stranger, 'foreign.com')]
    const { recorder, fire } = heldRecorder()
    const receipts = Promise.all([
      recorder.record(market.tenant, [
        event(market, 'a'),
        event(stranger, 'b'),
        event(market, 'c', { campaignId: '999999999' }),
        event(market, 'd', { domainId: own }),
        event(market, 'e', { domainId: foreign }),
        event(market, 'f', { domainId: own, campaignId: String(market.otherCampaignId) }),
      ]),
      recorder.record(stranger.tenant, [event(stranger, 'z', { domainId: '999999999' })]),
    ])
    fire()
    expect(await receipts).toEqual([
      {
        accepted: 2,
        duplicates: 0,
        rejected: [
          { position: 1, missing: 'campaign' },
          { position: 2, missing: 'campaign' },
          { position: 4, missing: 'domain' },
          { position: 5, missing: 'domain' },
        ],
      },
      { accepted: 0, duplicates: 0, rejected: [{ position: 0, missing: 'domain' }] },
    ])
    expect(await stored(market.tenant)).toMatchObject([
      { eventId: 'a', domainId: null },
      { eventId: 'd', domainId: Number(own) },
    ])
  })

  it('fails only the caller whose event the database rejects', async () => {
    const market = await newMarket()
    const { recorder, fire } = heldRecorder()
    const receipts = Promise.allSettled([
      recorder.record(market.tenant, [event(market, 'a')]),
      recorder.record(market.tenant, [event(market, 'b', { occurredAt: 'no time' })]),
      recorder.record(market.tenant, [event(market, 'c')]),
    ])
    fire()
    expect((await receipts).map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
    expect((await stored(market.tenant)).map(({ eventId }) => eventId)).toEqual(['a', 'c'])
  })

  it('writes immediately if enough events are waiting, and splits the waiting events into batches', async () => {
    const market = await newMarket()
    const { recorder, timers } = heldRecorder({ flushMaxEvents: 2 })
    const transactions = await insertsDuring(async () => {
      const receipts = Promise.all(['a', 'b', 'c', 'd', 'e'].map((id) => recorder.record(market.tenant, [event(market, id)])))
      await receipts
    })
    expect(transactions).toBe(3)
    expect(timers).toEqual([])
  })

  it('counts events once if the response to COMMIT was lost and the caller sends the same events again', async () => {
    const market = await newMarket()
    const link = await startLink(Number(new URL(scratch.url).port))
    const through = new URL(scratch.url)
    through.port = String(link.port)
    const handle = await openMarketDatabase({ url: through.href, poolSize: 2, statementTimeoutMs: 10_000, onError: () => undefined })
    try {
      const { recorder, fire } = heldRecorder({ db: handle.db })
      const send = () => {
        const receipt = recorder.record(market.tenant, [event(market, 'a'), event(market, 'b')])
        fire()
        return receipt
      }
      link.mode = 'lose commits'
      await expect(send()).rejects.toMatchObject({ code: 'UNAVAILABLE', message: expect.stringContaining('send the same events again') })
      expect(link.lostCommits).toBe(1)
      link.mode = 'pass'
      expect(await send()).toEqual({ accepted: 0, duplicates: 2, rejected: [] })
    } finally {
      await handle.close()
      await link.close()
    }
    const hours = await scratch.db.selectFrom('eventHours').select('count').where('tenantId', '=', market.tenant).execute()
    expect(hours).toEqual([{ count: 2 }])
  })

  it('rejects callers if the pending events would take too much memory, and tells the callers when to send their events again', async () => {
    const market = await newMarket()
    let now = 0
    const { recorder, fire } = heldRecorder({ maxPendingBytes: 2 * CALL_BYTES + 3 * EVENT_BYTES, flushMaxEvents: 2, monotonic: () => now })
    const slow = recorder.record(market.tenant, [event(market, 'first')])
    fire()
    now = 700
    await slow
    await nextTurn()
    const receipts = Promise.all([
      recorder.record(market.tenant, [event(market, 'a'), event(market, 'b')]),
      recorder.record(market.tenant, [event(market, 'c')]),
    ])
    // Two events are being written, and one event waits for the next flush. Each of these two flushes takes 700 ms.
    await expect(recorder.record(market.tenant, [event(market, 'd')])).rejects.toMatchObject({ code: 'OVERLOADED', retryAfterMs: 1400 })
    expect(await receipts).toMatchObject([{ accepted: 2 }, { accepted: 1 }])
    const late = recorder.record(market.tenant, [event(market, 'd')])
    fire()
    expect(await late).toMatchObject({ accepted: 1 })
  })

  it('accepts events of one caller that exceed the memory limit if no other event is pending', async () => {
    const market = await newMarket()
    const { recorder } = heldRecorder({ maxPendingBytes: 1 })
    const receipt = recorder.record(market.tenant, [event(market, 'a'), event(market, 'b')])
    await expect(recorder.record(market.tenant, [event(market, 'c')])).rejects.toMatchObject({ code: 'OVERLOADED' })
    await recorder.drain()
    expect(await receipt).toMatchObject({ accepted: 2 })
  })

  it('rejects callers if the server stops, but loses no event that it has accepted', async () => {
    const market = await newMarket()
    const { recorder } = heldRecorder()
    const receipt = recorder.record(market.tenant, [event(market, 'a')])
    await recorder.drain()
    expect(await receipt).toMatchObject({ accepted: 1 })
    await expect(recorder.record(market.tenant, [event(market, 'b')])).rejects.toMatchObject({ code: 'UNAVAILABLE' })
  })

  it('does not deadlock when two processes write the same events in different orders', async () => {
    const market = await newMarket()
    const ids = Array.from({ length: 200 }, (_, index) => `event-${index}`)
    const recorders = [heldRecorder(), heldRecorder(), heldRecorder()]
    const receipts = recorders.map(({ recorder, fire }, index) => {
      const receipt = recorder.record(
        market.tenant,
        (index === 1 ? ids.toReversed() : ids).map((id) => event(market, id)),
      )
      fire()
      return receipt
    })
    const accepted = (await Promise.all(receipts)).reduce((sum, receipt) => sum + receipt.accepted, 0)
    expect(accepted).toBe(200)
  })
})
