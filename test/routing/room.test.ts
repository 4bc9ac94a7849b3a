import { sql } from 'kysely'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { PreparedStatement } from '#src/engine/postgres/prepared-statement.ts'
import { arrayOf, readUsage, usageTimes } from '#src/market/modules/routing/buyer-usage.ts'
import { hasRoom, heldReservations, type RoomValues, roomParameters, roomValues } from '#src/market/modules/routing/room.ts'
import { chooseBuyer } from '#src/market/rules/routing/decide.ts'
import { GRACE_MS, MAX_CALL_MS } from '#src/market/rules/routing/usage.ts'
import { createScratchDatabase, type ScratchDatabase } from '../modules/scratch-database.ts'
import fc from '../property.ts'
import { candidate } from '../rules/decisions.ts'
import { addCallMarket, type CallMarket } from './call-market.ts'

const NOW = Date.parse('2026-05-01T12:30:00Z')
const HOUR_MS = 3_600_000
const iso = (time: number) => new Date(time).toISOString()
const STARTS = { HOUR: iso(NOW - HOUR_MS / 2), DAY: iso(NOW - HOUR_MS * 12.5), MONTH: iso(NOW - HOUR_MS * 36.5), TOTAL: iso(0) }

type Given = RoomValues & Readonly<Record<'tenantId' | 'buyerId' | 'priceMinor' | 'heldAt' | 'callsSince', string>>

const ROOM = new PreparedStatement<Given, { hasRoom: boolean }>(
  { tenantId: 'text', buyerId: 'int8', priceMinor: 'int8', heldAt: 'timestamptz', callsSince: 'timestamptz', ...roomParameters },
  (given) => `with held as materialized (${heldReservations(given)}) select ${hasRoom(given)} as has_room`,
)

let scratch: ScratchDatabase
let market: CallMarket
beforeAll(async () => {
  scratch = await createScratchDatabase()
  market = await addCallMarket(scratch, 'acme')
}, 60_000)
afterAll(() => scratch?.drop())

const reservation = fc.record({
  state: fc.constantFrom('OPEN', 'OPEN', 'CONNECTED', 'CONVERTED', 'ENDED'),
  priceMinor: fc.integer({ min: 0, max: 3 }),
  /** Number of the current periods in which it was made, from the longest on. */
  periods: fc.integer({ min: 0, max: 3 }),
  isOld: fc.boolean(),
})
const limits = fc.record({
  priceMinor: fc.integer({ min: 0, max: 3 }),
  maxConcurrentCalls: fc.integer({ min: 1, max: 8 }),
  caps: fc.uniqueArray(
    fc.record({
      period: fc.constantFrom('HOUR', 'DAY', 'MONTH', 'TOTAL'),
      counts: fc.constantFrom('ATTEMPTS', 'CONNECTIONS', 'CONVERSIONS', 'MONEY'),
      maximum: fc.integer({ min: 1, max: 9 }),
    }),
    { selector: ({ period, counts }) => `${period} ${counts}`, maxLength: 3 },
  ),
})

it('the database counts the room of a buyer as the rules do', async () => {
  const [buyerId = 0] = market.buyerIds
  let full = 0
  let free = 0
  await fc.assert(
    fc.asyncProperty(fc.array(reservation, { maxLength: 8 }), limits, async (reservations, { priceMinor, maxConcurrentCalls, caps }) => {
      const buyer = candidate(buyerId, { priceMinor, maxConcurrentCalls, caps })
      const transaction = await scratch.db.startTransaction().execute()
      try {
        const rows = reservations.map(({ state, periods, isOld, priceMinor: price }) => {
          const reservedAt = NOW - (isOld ? MAX_CALL_MS : 1000)
          const start = (place: number, period: keyof typeof STARTS) => (periods >= place ? STARTS[period] : iso(1000))
          return {
            ...{ state, price, reserved_at: iso(reservedAt), expires_at: iso(NOW - (isOld ? GRACE_MS : 0)) },
            ...{ hour_start: start(3, 'HOUR'), day_start: start(2, 'DAY'), month_start: start(1, 'MONTH') },
            connected_at: state === 'CONNECTED' || state === 'CONVERTED' ? iso(reservedAt) : null,
          }
        })
        await sql`
          insert into reservations (tenant_id, campaign_id, buyer_id, caller, caller_state, request, state, price_minor, payout_minor,
            decision_id, reserved_at, expires_at, hour_start, day_start, month_start, connected_at)
          select 'acme', ${market.campaignId}, ${buyerId}, decode(md5(''), 'hex'), 'CA', decode(md5(''), 'hex'), state, price, 0, 1,
            reserved_at, expires_at, hour_start, day_start, month_start, connected_at
          from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as given (state text, price int8, reserved_at timestamptz,
            expires_at timestamptz, hour_start timestamptz, day_start timestamptz, month_start timestamptz, connected_at timestamptz)`.execute(
          transaction,
        )
        const write = { db: transaction, tenant: 'acme', now: NOW }
        const counted = { buyerId, starts: STARTS, periods: caps.map(({ period }) => period) }
        const call = { campaignId: market.campaignId, publisherId: null, caller: Buffer.alloc(16), lists: arrayOf([]) }
        const { usage } = await readUsage(write, call, [counted])
        const byRules = chooseBuyer({ ranked: [{ candidate: buyer, expectedMinor: 0 }], reasons: [] }, usage)?.ranked.length === 1
        const given = { tenantId: 'acme', buyerId: String(buyerId), priceMinor: String(priceMinor), ...usageTimes(NOW) }
        const [counts] = await ROOM.run(transaction, { ...given, ...roomValues({ maxConcurrentCalls, caps }, STARTS) })
        expect(counts).toEqual({ hasRoom: byRules })
        if (byRules) free++
        else full++
      } finally {
        await transaction.rollback().execute()
      }
    }),
    { numRuns: 150 },
  )
  expect(Math.min(free, full)).toBeGreaterThan(10)
})
