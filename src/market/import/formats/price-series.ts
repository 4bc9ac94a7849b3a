import type { FormatRun, ImportFormat } from '../import-format.ts'
import type { ImportMarket } from '../import-market.ts'
import type { Row } from '../row.ts'
import { type CallDraft, writeCalls } from '../write-calls.ts'

/**
 * Price of a phone call in minor units, for a click price of 1 (major unit). A call costs as much as a thousand clicks. Click prices have
 * significant digits below a cent, and the price of a single click in minor units would lose them.
 */
const MINOR_PER_UNIT = 100_000

/** Maximum price of a click, major units. The price of a thousand such clicks equals the maximum amount of a bid in the gateway. */
const MAX_PRICE = 100_000

const HOUR_MS = 3_600_000

const columns = { delimiter: ',', columns: ['timestamp', 'value'], hasHeader: true } as const

/**
 * Imports the hourly price of a click as phone calls. Each data point becomes one call, which costs as much as a thousand clicks. The call
 * is sold to a buyer that is named after the ad exchange.
 */
export const clickPrices: ImportFormat<CallDraft> = {
  name: 'hourly cost per click',
  files: /_cpc_results\.csv$/,
  rows: columns,
  async begin(market, file) {
    const series = file.replace('_results.csv', '')
    const buyer = series.replace('_cpc', '')
    return new SeriesRun(market, series, { min: 0.00001, max: MAX_PRICE }, (amountMinor) => ({
      costMinor: 0,
      bids: [{ buyer, amountMinor }],
    }))
  },
}

/**
 * Imports the hourly cost of a thousand impressions as missed phone calls. Each data point becomes one missed call. The cost of its traffic
 * is a thousand times the value of the data point.
 */
export const impressionCosts: ImportFormat<CallDraft> = {
  name: 'hourly cost per thousand impressions',
  files: /_cpm_results\.csv$/,
  rows: columns,
  async begin(market, file) {
    const series = file.replace('_results.csv', '')
    return new SeriesRun(market, series, { min: 0, max: MAX_PRICE }, (costMinor) => ({ costMinor, bids: [] }))
  },
}

/**
 * Converts data points, which must be in the order of time, to phone calls. If a timestamp is repeated, each data point with this timestamp
 * yields a call of its own. An hour without a data point yields no call.
 */
class SeriesRun implements FormatRun<CallDraft> {
  readonly #market: ImportMarket
  readonly #series: string
  readonly #bounds: { readonly min: number; readonly max: number }
  readonly #money: (amountMinor: number) => Pick<CallDraft, 'costMinor' | 'bids'>
  #last = Number.NEGATIVE_INFINITY
  /** Number of data points so far that have the timestamp `#last`. */
  #occurrences = 0
  #repeated = 0
  #missingHours = 0

  constructor(
    market: ImportMarket,
    series: string,
    bounds: { readonly min: number; readonly max: number },
    money: (amountMinor: number) => Pick<CallDraft, 'costMinor' | 'bids'>,
  ) {
    this.#market = market
    this.#series = series
    this.#bounds = bounds
    this.#money = money
  }

  *map(row: Row): Iterable<CallDraft> {
    const time = row.time('timestamp')
    if (time < this.#last)
      throw row.problem(
        'OUT_OF_ORDER',
        'timestamp',
        `a time that is not before the time of the previous row (${iso(this.#last)})`,
        'Sort the rows by time.',
      )
    const price = row.decimal('value', this.#bounds)
    this.#count(time)
    const { costMinor, bids } = this.#money(Math.floor(price * MINOR_PER_UNIT + 0.5))
    yield {
      key: `import:${this.#series}/${iso(time)}/${this.#occurrences}`,
      campaign: `Prices of ${this.#series}`,
      startedMs: time,
      costMinor,
      bids,
    }
  }

  write(drafts: readonly CallDraft[]) {
    return writeCalls(this.#market, drafts)
  }

  notes(): readonly string[] {
    const notes: string[] = []
    if (this.#repeated > 0) notes.push(`Rows with the timestamp of the row before, each of which is a call of its own: ${this.#repeated}.`)
    if (this.#missingHours > 0) notes.push(`Hours without a row, which stay without a call: ${this.#missingHours}.`)
    return notes
  }

  #count(time: number): void {
    const hours = Math.floor(time / HOUR_MS) - Math.floor(this.#last / HOUR_MS)
    if (time === this.#last) {
      this.#occurrences += 1
      this.#repeated += 1
    } else {
      this.#occurrences = 1
      if (Number.isFinite(hours)) this.#missingHours += Math.max(0, hours - 1)
    }
    this.#last = time
  }
}

function iso(time: number): string {
  return new Date(time).toISOString()
}
