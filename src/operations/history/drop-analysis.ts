import type { MissCause } from '../../engine/cache/model/miss.ts'
import type { FieldFigures } from '../telemetry/usage.ts'
import { type InvalidationRow, isBroadTag } from './invalidation-row.ts'
import { percent, pointsBetween, ratesOf } from './rates.ts'
import { type Period, readFigures, type StoredFigures, type TimeRange } from './read-figures.ts'
import { readInvalidations } from './read-invalidations.ts'
import type { RunStatement } from './run-statement.ts'

/** Reason why the hit rate of fields fell from one range of time to another. */
export interface Drop {
  readonly before: TimeRange
  readonly after: TimeRange
  readonly hitRateBefore: number
  readonly hitRateAfter: number
  /** Field and cause whose misses lowered the hit rate most; null if no single one stands out. */
  readonly worst: WorstMisses | null
  /** Write that invalidated most of what was read again; null if the misses have another cause, or no write is known. */
  readonly write: BlamedWrite | null
  /** The reason as one sentence. */
  readonly reason: string
}

export interface WorstMisses {
  readonly field: string
  readonly cause: MissCause
  /** Part of the fall that these misses are, points. */
  readonly points: number
  /** Reloads of the field in the later range, and those of them that returned the value that had been invalidated. */
  readonly reloads: number
  readonly needlessReloads: number
}

/** All writes of one cause in the range after a drop. */
export interface BlamedWrite {
  readonly cause: string
  /** Number of statements. */
  readonly writes: number
  /** Number of log rows. */
  readonly rows: number
  /** Time of the first log row, Unix epoch ms. */
  readonly firstAt: number
  /** Tenants whose entries were invalidated; `*` stands for all tenants. */
  readonly tenants: readonly string[]
  /** Some of the invalidated tags. */
  readonly tags: readonly string[]
}

export interface DropOptions {
  readonly before: TimeRange
  readonly after: TimeRange
  /** Range of the writes that are compared with as long a time before it. */
  readonly writes: TimeRange
  /**
   * First step of the fall, if it is known. A write is blamed only if the first one with its cause came in this step or before it: what came
   * later is no reason.
   */
  readonly firstStep?: TimeRange
  /** Rows from which both ranges are read. Default: as the length and the age of the range require. */
  readonly period?: Period
  readonly now: number
}

const MAX_ROWS = 20_000
/**
 * Number of row tags that a broad tag counts as: a tag of everything, of a tenant, or of a bulk change invalidates an unknown number of
 * entries.
 */
const BROAD_WEIGHT = 1000
const MIN_FALL = 0.001
const MAX_NAMED = 5

/**
 * Compares the misses of two ranges, and names the field, the cause and the write that lowered the hit rate most. Returns null if the hit rate
 * did not fall, or one of the ranges has no reads.
 */
export async function explainDrop(run: RunStatement, { before, after, writes, firstStep, period, now }: DropOptions): Promise<Drop | null> {
  const earlier = await readFigures(run, before, now, period)
  const later = await readFigures(run, after, now, period)
  const [hitRateBefore, hitRateAfter] = [hitRateOf(earlier), hitRateOf(later)]
  if (hitRateBefore === null || hitRateAfter === null || hitRateBefore - hitRateAfter < MIN_FALL) return null
  const worst = worstOf(earlier, later)
  const write = worst?.cause === 'invalidated' ? await blame(run, { later, field: worst.field, writes, firstStep }) : null
  const found = { before: earlier.range, after: later.range, hitRateBefore, hitRateAfter, worst, write }
  return { ...found, reason: reasonOf(found, firstStep) }
}

function hitRateOf({ fields }: StoredFigures): number | null {
  const sums = fields.map(ratesOf)
  const reads = sums.reduce((sum, field) => sum + field.reads, 0)
  return reads === 0 ? null : sums.reduce((sum, field) => sum + field.hits, 0) / reads
}

/** Returns the field and the cause whose share of misses in all reads grew most. The growths of all of them add up to the fall. */
function worstOf(earlier: StoredFigures, later: StoredFigures): Drop['worst'] {
  const shares = (figures: StoredFigures) => {
    const reads = figures.fields.reduce((sum, field) => sum + ratesOf(field).reads, 0)
    const missesOf = ({ field, misses }: FieldFigures) =>
      Object.entries(misses).map(
        ([cause, count]) => [`${cause}\n${field}`, { field, cause: cause as MissCause, share: count / reads }] as const,
      )
    return new Map(figures.fields.flatMap(missesOf))
  }
  const before = shares(earlier)
  const growths = [...shares(later)].map(([id, { field, cause, share }]) => {
    const { reloads = 0, needlessReloads = 0 } = later.fields.find((one) => one.field === field) ?? {}
    return { field, cause, points: 100 * (share - (before.get(id)?.share ?? 0)), reloads, needlessReloads }
  })
  const [worst] = growths.toSorted((a, b) => b.points - a.points)
  return worst && worst.points > 0 ? worst : null
}

interface BlameOptions extends Pick<DropOptions, 'writes'> {
  readonly later: StoredFigures
  readonly field: string
  readonly firstStep: TimeRange | undefined
}

/**
 * Finds the cause whose writes invalidated more than in as long a time before, among those that began in time. If the figures tell which kinds
 * of tags made the field reload, only writes of these types count.
 */
async function blame(run: RunStatement, { later, field, writes, firstStep }: BlameOptions): Promise<BlamedWrite | null> {
  const types = new Set(
    later.tags.filter((tag) => tag.field === field && tag.reloads > 0).map(({ tag }) => tag.replace(/[^A-Za-z0-9].*$/, '')),
  )
  const concerns = (row: InvalidationRow) =>
    types.size === 0 || row.tags.some(isBroadTag) || row.entityTypes.some((type) => types.has(type))
  const read = async (range: TimeRange) => (await readInvalidations(run, { range, limit: MAX_ROWS })).filter(concerns)
  const usual = weights(await read({ from: writes.from - (writes.to - writes.from), to: writes.from }))
  const rows = await read(writes)
  const begun = new Set(rows.filter(({ at }) => at < (firstStep?.to ?? Infinity)).flatMap(({ causes }) => causes.map(({ cause }) => cause)))
  const excess = [...weights(rows)]
    .filter(([cause]) => begun.has(cause))
    .map(([cause, weight]) => [cause, weight - (usual.get(cause) ?? 0)] as const)
  const [worst] = excess.toSorted(([, a], [, b]) => b - a)
  if (!worst || worst[1] <= 0) return null
  const [cause] = worst
  const its = rows.filter((row) => row.causes.some((one) => one.cause === cause))
  return {
    cause,
    writes: its.reduce((sum, row) => sum + (row.causes.find((one) => one.cause === cause)?.writes ?? 0), 0),
    rows: its.length,
    firstAt: Math.min(...its.map(({ at }) => at)),
    tenants: [...new Set(its.flatMap(({ tenants }) => tenants))].slice(0, MAX_NAMED),
    tags: [...new Set(its.flatMap(({ causes, tags }) => causes.find((one) => one.cause === cause)?.tags ?? tags))].slice(0, MAX_NAMED),
  }
}

/** Estimates how much the writes of each cause invalidated. */
function weights(rows: readonly InvalidationRow[]): ReadonlyMap<string, number> {
  const sums = new Map<string, number>()
  for (const row of rows) {
    for (const { cause, tags = row.tags, tagCount } of row.causes)
      sums.set(cause, (sums.get(cause) ?? 0) + tagCount + BROAD_WEIGHT * tags.filter(isBroadTag).length)
  }
  return sums
}

function reasonOf({ hitRateBefore, hitRateAfter, worst, write }: Omit<Drop, 'reason'>, firstStep: TimeRange | undefined): string {
  if (!worst) return 'No single field and cause stands out.'
  const fall = pointsBetween(hitRateBefore, hitRateAfter)
  const own = worst.points.toFixed(1)
  const misses = `misses of ${worst.field} (${worst.cause})`
  // The misses of one field can rise by more than the hit rate fell, if those of others became fewer.
  const share = Number(own) > Number(fall) ? `The ${misses} rose by ${own} points` : `${own} of the ${fall} points are ${misses}`
  if (worst.cause !== 'invalidated') return `${share}.`
  const needless = worst.needlessReloads > 0 ? ` ${percent(worst.needlessReloads / worst.reloads)} of its reloads were needless.` : ''
  if (!write) return `${share}; no write up to the beginning of the fall is known that explains them.${needless}`
  const tenants = write.tenants.includes('*') ? 'all tenants' : write.tenants.join(', ')
  const writes = write.writes === 1 ? '1 write' : `${write.writes.toLocaleString('en')} writes`
  const when = firstStep === undefined ? '' : write.firstAt < firstStep.from ? ', just before the fall' : ', in its first step'
  return `${share}; most of them were invalidated by ${write.cause} (${writes}, ${tenants}, first at ${new Date(write.firstAt).toISOString()}${when}).${needless}`
}
