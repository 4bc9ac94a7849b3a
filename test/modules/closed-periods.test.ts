import { type DocumentNode, Kind, visit } from 'graphql'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { toGlobalId } from '#src/gateway/contract/global-id.ts'
import { startMarketGateway } from './market-gateway.ts'
import { addCall, addMarket, createScratchDatabase, type Market, type ScratchDatabase } from './scratch-database.ts'

const DAY_MS = 24 * 60 * 60 * 1000
const iso = (time: number) => new Date(time).toISOString()
const to = Math.floor(Date.now() / DAY_MS) * DAY_MS - DAY_MS
const REPORT = `{ analytics { performance(from: "${iso(to - 30 * DAY_MS)}", to: "${iso(to)}") { calls } } }`
const TRACK = 'mutation($input: TrackEventsInput!) { trackEvents(input: $input) { accepted } }'

let scratch: ScratchDatabase
let market: Market
let serial = 0

beforeAll(async () => {
  scratch = await createScratchDatabase()
  market = await addMarket(scratch.db, 'acme')
})
afterAll(() => scratch?.drop())

/** Returns the number of statements that a report of closed days needs after a call and an event of today. */
async function statementsAfterToday(adaptTypeDefs: (typeDefs: DocumentNode) => DocumentNode): Promise<number> {
  const gateway = await startMarketGateway(scratch, { adaptTypeDefs })
  try {
    await gateway.ask('acme', 'ADMIN', REPORT)
    await addCall(scratch.db, market, { startedAt: iso(Date.now()) })
    const event = {
      eventId: `e${serial++}`,
      campaignId: toGlobalId('Campaign', market.campaignId),
      kind: 'CLICK',
      occurredAt: iso(Date.now()),
    }
    const tracked = await gateway.ask('acme', 'ADMIN', TRACK, { input: { events: [event] } })
    expect(tracked.data.trackEvents.accepted).toBe(1)
    gateway.takeStatements()
    await gateway.ask('acme', 'ADMIN', REPORT)
    return gateway.takeStatements()
  } finally {
    await gateway.close()
  }
}

/** Makes each figure of hours depend on all hours. */
function withoutTimeDimensions(typeDefs: DocumentNode): DocumentNode {
  return visit(typeDefs, {
    StringValue: (node) => (node.value.startsWith('CampaignHour[') ? { kind: Kind.STRING, value: 'CampaignHour' } : undefined),
  })
}

describe('A cached report of past days', () => {
  it('is not reloaded after a phone call and an event of today were stored', async () => {
    expect(await statementsAfterToday((typeDefs) => typeDefs)).toBe(0)
  })

  it('would be reloaded if it depended on all hours, so this test detects such a dependency', async () => {
    expect(await statementsAfterToday(withoutTimeDimensions)).toBeGreaterThan(0)
  })
})
