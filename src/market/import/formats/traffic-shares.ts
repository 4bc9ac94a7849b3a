import type { FormatRun, ImportFormat, Written } from '../import-format.ts'
import type { ImportMarket } from '../import-market.ts'
import { ProblemError } from '../problem.ts'
import type { Row } from '../row.ts'
import { claimEvents } from '../write-events.ts'
import { REFERENCE_WEEK } from './reference-week.ts'

/** Number of impressions that each region gets. They are distributed over the week in proportion to the region's traffic shares. */
const IMPRESSIONS = 1_000

const HOURS_OF_WEEK = 7 * 24
const HOUR_MS = 3_600_000

/** Tolerated difference between 1 and the sum of a region's shares, because the source rounds shares to six digits. */
const TOLERANCE = 0.001

interface Impression {
  readonly eventId: string
  readonly campaign: string
  readonly occurredAt: string
}

interface Region {
  readonly id: string
  sum: number
  hours: number
  line: number
  /** True if a row of the region was refused. Then the sum of the region's shares is not checked. */
  isRefused: boolean
}

/**
 * Imports the shares of a week's traffic by region, weekday and hour as impressions. Each region becomes a campaign with a thousand
 * impressions. At the end of each hour of the week, the number of the campaign's impressions so far is a thousand times the sum of the
 * region's shares so far, rounded down.
 */
export const trafficShares: ImportFormat<Impression> = {
  name: 'traffic shares',
  files: /^traffic_share\.csv$/,
  rows: { delimiter: ',', columns: ['region_id', 'dow', 'hour', 'traffic_share'], hasHeader: true },
  begin: async (market) => new SharesRun(market),
}

class SharesRun implements FormatRun<Impression> {
  readonly #market: ImportMarket
  #region: Region | undefined

  constructor(market: ImportMarket) {
    this.#market = market
  }

  *map(row: Row): Iterable<Impression> {
    const id = String(row.integer('region_id', { min: 0, max: 999_999_999_999_999 }))
    const hour = (row.integer('dow', { min: 1, max: 7 }) - 1) * 24 + row.integer('hour', { min: 0, max: 23 })
    if (this.#region?.id !== id) {
      yield* this.end()
      this.#region = { id, sum: 0, hours: 0, line: row.line, isRefused: false }
    }
    const region = this.#region
    const expected = region.hours
    region.hours = hour + 1
    region.line = row.line
    const wasRefused = region.isRefused
    region.isRefused = true
    if (hour !== expected)
      throw row.problem(
        'OUT_OF_ORDER',
        'hour',
        `the row of region ${id}, weekday ${Math.floor(expected / 24) + 1}, hour ${expected % 24}`,
        'Sort the rows by region, dow and hour, and add missing hours with the share 0.',
      )
    const share = row.decimal('traffic_share', { min: 0, max: 1 })
    region.isRefused = wasRefused
    const before = Math.floor(region.sum * IMPRESSIONS)
    region.sum += share
    const start = REFERENCE_WEEK + hour * HOUR_MS
    const count = Math.floor(region.sum * IMPRESSIONS) - before
    for (let index = 0; index < count; index += 1)
      yield {
        eventId: `import:traffic/${id}/${iso(start)}/${index + 1}`,
        campaign: `Traffic of region ${id}`,
        occurredAt: iso(start + Math.floor(((index + 0.5) / count) * HOUR_MS)),
      }
  }

  end(): Iterable<Impression> {
    const region = this.#region
    this.#region = undefined
    if (region === undefined || region.isRefused) return []
    if (region.hours === HOURS_OF_WEEK && Math.abs(region.sum - 1) <= TOLERANCE) return []
    throw new ProblemError({
      code: 'INCOMPLETE',
      line: region.line,
      column: 'traffic_share',
      value: `${region.hours} hours, sum ${region.sum.toFixed(6)}`,
      expected: `${HOURS_OF_WEEK} hours of region ${region.id} whose shares add up to 1`,
      remedy: 'Complete the rows of the region, or delete all of them.',
    })
  }

  async write(drafts: readonly Impression[]): Promise<Written> {
    const events = []
    for (const { eventId, campaign, occurredAt } of drafts)
      events.push({ eventId, campaignId: await this.#market.campaignId(campaign), kind: 'IMPRESSION', occurredAt } as const)
    const added = (await claimEvents(this.#market, events)).size
    return { added: { events: added }, updated: 0, present: drafts.length - added }
  }
}

function iso(time: number): string {
  return new Date(time).toISOString()
}
