import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createEventRecorder, type EventRecorderOptions } from '../../src/modules/analytics/event-recorder.ts'
import type { NewEvent } from '../../src/modules/module.ts'
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

/** A recorder that flushes when the test says so. */
function heldRecorder(options: Partial<EventRecorderOptions> = {}) {
  const timers: (() => void)[] = []
  const setTimer: EventRecorderOptions['setTimer'] = (callback) => {
    timers.push(callback)
    return { cancel: () => timers.splice(timers.indexOf(callback), 1) }
  }
  const recorder = createEventRecorder({ db: scratch.db, flushMaxEvents: 1000, flushDelayMs: 5, setTimer, ...options })
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

describe('the event recorder', () => {
  it('writes the events of concurrent callers, over tenants, together, and tells each its own count', async () => {
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

  it('takes a repeated batch for what it is', async () => {
    const market = await newMarket()
    const { recorder, fire } = heldRecorder()
    for (const accepted of [2, 0]) {
      const receipt = recorder.record(market.tenant, [event(market, 'a'), event(market, 'b'), event(market, 'a')])
      fire()
      expect(await receipt).toEqual({ accepted, duplicates: 3 - accepted, rejected: [] })
    }
  })

  it('answers only once another connection can read the events', async () => {
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

  it('names the events of a campaign that the tenant does not have, and stores the others', async () => {
    const [market, stranger] = [await newMarket(), await newMarket()]
    const { recorder, fire } = heldRecorder()
    const receipts = Promise.all([
      recorder.record(market.tenant, [event(market, 'a'), event(stranger, 'b'), event(market, 'c', { campaignId: '999999999' })]),
      recorder.record(stranger.tenant, [event(stranger, 'z', { domainId: '999999999' })]),
    ])
    fire()
    expect(await receipts).toEqual([
      { accepted: 1, duplicates: 0, rejected: [1, 2] },
      { accepted: 1, duplicates: 0, rejected: [] },
    ])
    expect((await stored(market.tenant)).map(({ eventId }) => eventId)).toEqual(['a'])
    expect(await stored(stranger.tenant)).toMatchObject([{ domainId: null }])
  })

  it('lets a caller fail alone whose event the database refuses', async () => {
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

  it('flushes at once when enough events wait, and in portions', async () => {
    const market = await newMarket()
    const { recorder, timers } = heldRecorder({ flushMaxEvents: 2 })
    const transactions = await insertsDuring(async () => {
      const receipts = Promise.all(['a', 'b', 'c', 'd', 'e'].map((id) => recorder.record(market.tenant, [event(market, id)])))
      await receipts
    })
    expect(transactions).toBe(3)
    expect(timers).toEqual([])
  })

  it('turns callers away when too much waits, and after the server began to stop, but loses nothing it took', async () => {
    const market = await newMarket()
    const { recorder } = heldRecorder({ maxWaitingEvents: 2 })
    const receipts = Promise.all([
      recorder.record(market.tenant, [event(market, 'a')]),
      recorder.record(market.tenant, [event(market, 'b')]),
    ])
    await expect(recorder.record(market.tenant, [event(market, 'c')])).rejects.toMatchObject({ code: 'OVERLOADED' })
    await recorder.drain()
    expect(await receipts).toMatchObject([{ accepted: 1 }, { accepted: 1 }])
    await expect(recorder.record(market.tenant, [event(market, 'd')])).rejects.toMatchObject({ code: 'UNAVAILABLE' })
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
