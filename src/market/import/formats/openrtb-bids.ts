import { hash } from 'node:crypto'
import type { FormatRun, ImportFormat } from '../import-format.ts'
import type { ImportMarket } from '../import-market.ts'
import { LeftOut } from '../problem.ts'
import type { Row } from '../row.ts'
import { type CallDraft, writeCalls } from '../write-calls.ts'
import { REFERENCE_WEEK } from './reference-week.ts'

/** Maximum price of a bid, in major units of the currency. In minor units, it equals the maximum amount of a bid in the gateway. */
const MAX_PRICE = 100_000_000

/** Maximum number of bids that one bidder may place on one impression. */
const MAX_BIDS = 1_000

/** Currency of a bid whose row names no currency (OpenRTB 2.6, 4.2.1). */
const USUAL_CURRENCY = 'USD'

interface Auction {
  readonly bidder: string
  readonly place: string
  readonly line: number
  readonly bids: { readonly content: string; readonly amountMinor: number }[]
}

/**
 * Imports the bids of OpenRTB responses as phone calls. Consecutive bids of one bidder on one impression are an auction. Each auction
 * becomes one call, which is sold at the highest bid. The natural key of the call is a digest of all rows of the auction, because the names
 * of a bidder and an impression occur again later in the file, with different bids.
 */
export const openRtbBids: ImportFormat<CallDraft> = {
  name: 'OpenRTB bids',
  files: /^bids\.csv$/,
  rows: { delimiter: ',', columns: ['fixture', 'bidder', 'imp_id', 'price', 'currency'], hasHeader: true },
  async begin(market) {
    return new BidRun(market, await market.buyerNames())
  },
}

class BidRun implements FormatRun<CallDraft> {
  readonly #market: ImportMarket
  readonly #buyers: ReadonlySet<string>
  #auction: Auction | undefined

  constructor(market: ImportMarket, buyers: ReadonlySet<string>) {
    this.#market = market
    this.#buyers = buyers
  }

  *map(row: Row): Iterable<CallDraft> {
    const bidder = row.text('bidder')
    if (!this.#buyers.has(bidder))
      throw row.problem(
        'UNKNOWN_BUYER',
        'bidder',
        'the name of a buyer of the tenant',
        'First import a buyers.csv that contains this bidder.',
      )
    const place = JSON.stringify([bidder, row.text('fixture'), row.optional('imp_id')])
    const amountMinor = amountOf(row, this.#market.currency)
    if (this.#auction?.place !== place) {
      yield* this.end()
      this.#auction = { bidder, place, line: row.line, bids: [] }
    }
    if (this.#auction.bids.length === MAX_BIDS)
      throw row.problem('OUT_OF_RANGE', 'imp_id', `at most ${MAX_BIDS} bids on one impression`, 'Give the further bids another impression.')
    this.#auction.bids.push({ content: JSON.stringify(row.values), amountMinor })
  }

  *end(): Iterable<CallDraft> {
    if (this.#auction === undefined) return
    const { bidder, line, bids } = this.#auction
    this.#auction = undefined
    const content = bids.map((bid) => bid.content).join('\n')
    yield {
      key: `import:openrtb/${hash('sha256', content, 'base64url')}`,
      campaign: 'OpenRTB bids',
      // The source has no times, so the start time is computed from the line number: one second per line.
      startedMs: REFERENCE_WEEK + line * 1_000,
      costMinor: 0,
      bids: bids.toSorted((a, b) => b.amountMinor - a.amountMinor).map(({ amountMinor }) => ({ buyer: bidder, amountMinor })),
    }
  }

  write(drafts: readonly CallDraft[]) {
    return writeCalls(this.#market, drafts)
  }
}

/** Returns the price in minor units; halves are rounded up. */
function amountOf(row: Row, currency: string): number {
  if (row.optional('price').trim() === '') throw new LeftOut('the bid has no price')
  const amountMinor = Math.floor(row.decimal('price', { min: 0, max: MAX_PRICE }) * 100 + 0.5)
  const given = row.optional('currency').trim() || USUAL_CURRENCY
  if (given !== currency) throw new LeftOut(`the bid is not in ${currency}, the tenant's currency`)
  if (amountMinor === 0) throw new LeftOut('the price is less than half a minor unit')
  return amountMinor
}
