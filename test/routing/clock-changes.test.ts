import { createHash } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createCandidatesType } from '#src/market/modules/routing/candidates.ts'
import { DocumentLoader } from '#src/market/modules/routing/documents.ts'
import { Router } from '#src/market/modules/routing/router.ts'
import { Conditions } from '#src/market/rules/routing/evaluate-condition.ts'
import { decodeReasons } from '#src/market/rules/routing/reason-codec.ts'
import { TimeZones } from '#src/market/rules/time-zones.ts'
import { createScratchDatabase, type ScratchDatabase } from '../modules/scratch-database.ts'
import { addCallMarket, setBuyer } from './call-market.ts'
import { createClockedRequests } from './clocked-requests.ts'

const EVERY_DAY = ['MONDAY', 'TUESDAY', 'WEDNESDAY', 'THURSDAY', 'FRIDAY', 'SATURDAY', 'SUNDAY']

describe('a buyer in New York, where the clocks change', () => {
  let scratch: ScratchDatabase
  let tenants = 0
  beforeAll(async () => {
    scratch = await createScratchDatabase()
  })
  afterAll(() => scratch?.drop())

  /** Opens a market whose only buyer has these settings. Returns a function that pings for a new caller at a time. */
  const open = async (settings: Readonly<Record<string, unknown>>) => {
    const market = await addCallMarket(scratch, `clock-${++tenants}`)
    const [buyer = 0, ...others] = market.buyerIds
    await setBuyer(scratch, buyer, { time_zone: 'America/New_York', max_concurrent_calls: 100, ...settings })
    for (const id of others) await setBuyer(scratch, id, { active: false })
    const zones = new TimeZones()
    const router = new Router({ zones, conditions: new Conditions(), random: () => 0.5 }, new DocumentLoader(createCandidatesType(zones)))
    const requests = createClockedRequests(scratch.db, market.tenant, 0)
    let callers = 0
    return async (time: string) => {
      requests.now = Date.parse(time)
      const caller = createHash('sha256').update(`${++callers}`).digest().subarray(0, 16)
      const { campaignId, publisherId } = market
      const ping = { campaignId, publisherId, caller, listedCaller: caller, state: 'NY', attributes: new Map(), request: caller }
      const outcome = await router.ping(requests.context, ping)
      if ('error' in outcome) throw new Error(outcome.error.message)
      const { decision } = outcome
      return decision.outcome === 'OFFERED'
        ? 'OFFERED'
        : decodeReasons(decision.reasons as Uint8Array).find(({ buyerId }) => buyerId === buyer)?.reason
    }
  }

  it.each([
    ['forward', ['2026-03-08T04:59:00Z', '2026-03-08T05:00:10Z', '2026-03-09T03:59:00Z', '2026-03-09T04:00:10Z', '2026-03-09T05:00:10Z']],
    ['back', ['2026-11-01T03:59:00Z', '2026-11-01T04:00:10Z', '2026-11-02T04:59:00Z', '2026-11-02T05:00:10Z', '2026-11-02T06:00:10Z']],
  ])('gets a new day exactly once when the clocks go %s', async (_direction, times) => {
    const ping = await open({ caps: [{ period: 'DAY', counts: 'ATTEMPTS', maximum: 1 }] })
    const outcomes: unknown[] = []
    for (const time of times) outcomes.push(await ping(time))
    expect(outcomes).toEqual(['OFFERED', 'OFFERED', 'CAP', 'OFFERED', 'CAP'])
  })

  it('has an hour that is repeated as two hours, and is open in both', async () => {
    const hours = EVERY_DAY.map((day) => ({ day, from: '01:00', until: '02:00' }))
    const ping = await open({ caps: [{ period: 'HOUR', counts: 'ATTEMPTS', maximum: 1 }], schedule: { hours, holidays: [] } })
    const outcomes: unknown[] = []
    for (const time of ['04:59:50', '05:00:10', '05:30:00', '06:00:10', '06:30:00', '07:00:10'])
      outcomes.push(await ping(`2026-11-01T${time}Z`))
    expect(outcomes).toEqual(['CLOSED', 'OFFERED', 'CAP', 'OFFERED', 'CAP', 'CLOSED'])
  })

  it('is not open in an hour that is skipped', async () => {
    const hours = EVERY_DAY.map((day) => ({ day, from: '02:00', until: '03:00' }))
    const ping = await open({ schedule: { hours, holidays: [] } })
    expect(await ping('2026-03-08T06:59:50Z')).toBe('CLOSED')
    expect(await ping('2026-03-08T07:00:10Z')).toBe('CLOSED')
    expect(await ping('2026-03-09T06:00:10Z')).toBe('OFFERED')
  })
})
