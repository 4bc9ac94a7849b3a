import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createEventRecorder } from '#src/market/modules/analytics/event-recorder.ts'
import { insertEvents, type NewEvent } from '#src/market/modules/analytics/insert-events.ts'
import { addMarket, createScratchDatabase, type ScratchDatabase } from './scratch-database.ts'

let scratch: ScratchDatabase
let tenants = 0

beforeAll(async () => {
  scratch = await createScratchDatabase()
})
afterAll(() => scratch?.drop())

/** Creates an event recorder that writes only when `flushMaxEvents` events are waiting. */
function recorderOf(flushMaxEvents: number) {
  const setTimer = () => ({ cancel: () => undefined })
  return createEventRecorder({ db: scratch.db, setTimer, monotonic: () => 0, flushMaxEvents, flushDelayMs: 5, maxPendingBytes: 2 ** 24 })
}

/** Returns the number of transactions that inserted events. */
async function insertsDuring(work: () => Promise<unknown>): Promise<number> {
  const count = async () =>
    (await sql<{ n: number }>`select count(distinct received_at) as n from events`.execute(scratch.db)).rows[0]?.n ?? 0
  const before = await count()
  await work()
  return (await count()) - before
}

describe('the event recorder under a flood of events', () => {
  const KINDS = ['IMPRESSION', 'CLICK', 'CALL_STARTED', 'CALL_QUALIFIED', 'CONVERSION'] as const

  /** Adds a tenant with `count` campaigns. @returns the row ids of the campaigns. */
  async function addCampaigns(tenant: string, count: number): Promise<readonly string[]> {
    await addMarket(scratch.db, tenant)
    const { rows } = await sql<{ id: number }>`
      insert into campaigns (tenant_id, name, owner_id, budget_minor, keywords, tlds, patterns)
      select ${tenant}, 'C' || n, (select min(id) from users where tenant_id = ${tenant}), 1, '{roof}', '{com}', '{}'
      from generate_series(1, ${count}) as n returning id`.execute(scratch.db)
    return rows.map(({ id }) => String(id))
  }

  /** Returns events that are spread evenly over the campaigns, the kinds of events and two hours. */
  const spread = (campaigns: readonly string[], count: number): NewEvent[] =>
    Array.from({ length: count }, (_, index) => ({
      eventId: `flood-${index}`,
      campaignId: campaigns[index % campaigns.length] ?? '',
      domainId: null,
      kind: KINDS[Math.floor(index / campaigns.length) % KINDS.length] ?? 'CLICK',
      occurredAt: `2026-03-01T${index % 2 === 0 ? '10' : '11'}:30:00.000Z`,
    }))

  const emitted = async () =>
    (await sql<{ tags: string[] }>`select tags from cache.pending`.execute(scratch.db)).rows.map(({ tags }) => tags)
  const forget = () => sql`truncate cache.pending`.execute(scratch.db)

  it('emits one set of 54 tags for 5,000 events of 50 campaigns, and no tag invalidates figures of past days', async () => {
    const tenant = `tenant-${++tenants}`
    const campaigns = await addCampaigns(tenant, 50)
    const recorder = recorderOf(5000)
    await forget()
    const transactions = await insertsDuring(async () => {
      const events = spread(campaigns, 5000)
      await Promise.all([0, 1, 2, 3, 4].map((part) => recorder.record(tenant, events.slice(part * 1000, (part + 1) * 1000))))
    })
    expect(transactions).toBe(1)
    const sets = (await emitted()).filter((tags) => tags.some((tag) => tag.includes(':EventHour')))
    expect(sets).toHaveLength(1)
    expect(sets.flat()).toHaveLength(50 + 4)
    expect(sets.flat()).toContain(`${tenant}:EventHour[]:on_day=2026-03-01`)
    expect(sets.flat()).not.toContain(`${tenant}:EventHour*`)
  })

  it('writes the events of many tenants in several statements, because one large statement would invalidate all event counts', async () => {
    const names = Array.from({ length: 12 }, () => `tenant-${++tenants}`)
    const floods = await Promise.all(names.map(async (tenant) => ({ tenant, events: spread(await addCampaigns(tenant, 50), 400) })))
    const recorder = recorderOf(4800)
    await forget()
    const transactions = await insertsDuring(() => Promise.all(floods.map(({ tenant, events }) => recorder.record(tenant, events))))
    expect(transactions).toBeGreaterThan(1)
    expect(transactions).toBeLessThan(12)
    const tags = (await emitted()).flat()
    for (const { tenant } of floods) {
      expect(tags).toContain(`${tenant}:EventHour[]:on_day=2026-03-01`)
      expect(tags).not.toContain(`${tenant}:EventHour*`)
    }
    await sql`delete from events where tenant_id = any(${names})`.execute(scratch.db)
    await forget()
    await insertEvents(scratch.db, floods)
    expect((await emitted()).flat()).toContain(`${names[0]}:EventHour*`)
  })
})
