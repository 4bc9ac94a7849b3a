import type { FormatRun, ImportFormat } from '../import-format.ts'
import type { ImportMarket } from '../import-market.ts'
import type { Row } from '../row.ts'
import { type CallDraft, writeCalls } from '../write-calls.ts'

/**
 * Volume of a buyer (sum of the column `calls`) for which one phone call is imported. The volumes of all buyers in the file sum up to
 * 3,224,439, so about 32,000 calls are imported.
 */
const VOLUME_PER_CALL = 100

/** Price of each imported phone call, minor units. All calls have the same price, because the source has no prices. */
const AMOUNT_MINOR = 100

const MAX_VOLUME = 10_000_000
const MAX_BUYERS = 10_000
const HOUR_MS = 3_600_000

/** Fractional part of the golden ratio. The fractional parts of its multiples spread any number of phone calls evenly over an hour. */
const GOLDEN = 0.618_033_988_749_895

interface Series {
  volume: number
  hour: number
}

/**
 * Imports the hourly volumes of buyers as phone calls: one call for each hundred units of a buyer's volume. At the end of each hour, the
 * number of a buyer's calls so far is the buyer's volume so far divided by a hundred, rounded down. So an hour with more volume gets more
 * calls, and small volumes add up over the hours.
 */
export const buyerVolume: ImportFormat<CallDraft> = {
  name: 'hourly volume by buyer',
  files: /^hourly_by_buyer\.csv$/,
  rows: { delimiter: ',', columns: ['hour', 'buyer', 'calls'], hasHeader: true },
  begin: async (market) => new VolumeRun(market),
}

class VolumeRun implements FormatRun<CallDraft> {
  readonly #market: ImportMarket
  readonly #buyers = new Map<string, Series>()

  constructor(market: ImportMarket) {
    this.#market = market
  }

  *map(row: Row): Iterable<CallDraft> {
    const hour = row.time('hour')
    if (hour % HOUR_MS !== 0) throw row.problem('NOT_A_TIME', 'hour', 'the start of an hour', 'Sum up the volume of each hour in one row.')
    const buyer = row.text('buyer')
    const added = row.integer('calls', { min: 0, max: MAX_VOLUME })
    const series = this.#seriesOf(row, buyer)
    if (hour <= series.hour)
      throw row.problem(
        'OUT_OF_ORDER',
        'hour',
        `an hour later than ${iso(series.hour)}, the hour of the buyer's previous row`,
        'Sort the rows by hour, and add up the rows of a buyer with the same hour.',
      )
    const before = Math.floor(series.volume / VOLUME_PER_CALL)
    series.volume += added
    series.hour = hour
    const calls = Math.floor(series.volume / VOLUME_PER_CALL) - before
    for (let index = 1; index <= calls; index += 1)
      yield {
        key: `import:volume/${buyer}/${iso(hour)}/${index}`,
        campaign: `Volume of ${buyer}`,
        startedMs: hour + Math.floor(((index * GOLDEN) % 1) * HOUR_MS),
        costMinor: 0,
        bids: [{ buyer, amountMinor: AMOUNT_MINOR }],
      }
  }

  write(drafts: readonly CallDraft[]) {
    return writeCalls(this.#market, drafts)
  }

  notes(): readonly string[] {
    return [`One call stands for ${VOLUME_PER_CALL} of the volume.`]
  }

  #seriesOf(row: Row, buyer: string): Series {
    const known = this.#buyers.get(buyer)
    if (known !== undefined) return known
    if (buyer.length > MAX_NAME_LENGTH)
      throw row.problem('OUT_OF_RANGE', 'buyer', `a name of at most ${MAX_NAME_LENGTH} characters`, 'Shorten the name.')
    if (this.#buyers.size === MAX_BUYERS)
      throw row.problem('OUT_OF_RANGE', 'buyer', `at most ${MAX_BUYERS} buyers`, 'Split the file into several files with fewer buyers.')
    const series = { volume: 0, hour: Number.NEGATIVE_INFINITY }
    this.#buyers.set(buyer, series)
    return series
  }
}

/** Maximum length of a buyer's name, characters. The name is part of the id of an event, whose length is limited. */
const MAX_NAME_LENGTH = 100

function iso(time: number): string {
  return new Date(time).toISOString()
}
