import type { MissCause } from '../../engine/cache/model/miss.ts'
import type { FieldFigures } from '../telemetry/usage.ts'
import { type InvalidationRow, isBroadTag } from './invalidation-row.ts'
import { percent, ratesOf } from './rates.ts'
import { readFigures, type StoredFigures, type TimeRange } from './read-figures.ts'
import { readInvalidations } from './read-invalidations.ts'
import type { RunStatement } from './run-statement.ts'

/** Reason why the hit rate fell at a moment. */
export interface Drop {
  /** Moment between the two compared ranges, Unix epoch ms. */
  readonly at: number
  readonly before: TimeRange
  readonly after: TimeRange
  readonly hitRateBefore: number
  readonly hitRateAfter: number
  /** Field and cause whose misses lowered the hit rate most, and by how many of the points; null if no single one stands out. */
  readonly worst: { readonly field: string; readonly cause: MissCause; readonly points: number } | null
  /** Write that invalidated most of what was read again; null if the misses have another cause, or no write is known. */
  readonly write: BlamedWrite | null
  /** The result as one or two sentences. */
  readonly sentence: string
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
  /** Moment of the drop, Unix epoch ms. */
  readonly at: number
  /** Length of the ranges before and after the moment, ms. */
  readonly windowMs: number
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
 * Compares the misses before and after a moment, and names the field, the cause and the write that lowered the hit rate most. Returns null
 * if the hit rate did not fall, or one of the ranges has no reads.
 */
export async function explainDrop(run: RunStatement, { at, windowMs, now }: DropOptions): Promise<Drop | null> {
  const earlier = await readFigures(run, { from: at - windowMs, to: at }, now)
  const later = await readFigures(run, { from: earlier.range.to, to: earlier.range.to + windowMs }, now)
  const [hitRateBefore, hitRateAfter] = [hitRateOf(earlier), hitRateOf(later)]
  if (hitRateBefore === null || hitRateAfter === null || hitRateBefore - hitRateAfter < MIN_FALL) return null
  const worst = worstOf(earlier, later)
  const write = worst?.cause === 'invalidated' ? await blame(run, { earlier, later, field: worst.field }) : null
  const found = { at, before: earlier.range, after: later.range, hitRateBefore, hitRateAfter, worst, write }
  return { ...found, sentence: sentenceOf(found) }
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
  const growths = [...shares(later)].map(([id, { field, cause, share }]) => ({
    field,
    cause,
    points: 100 * (share - (before.get(id)?.share ?? 0)),
  }))
  const [worst] = growths.toSorted((a, b) => b.points - a.points)
  return worst && worst.points > 0 ? worst : null
}

/**
 * Finds the cause whose writes invalidated more in the later range than in the earlier one. If the figures tell which kinds of tags made the
 * field reload, only writes of these types count.
 */
async function blame(
  run: RunStatement,
  { earlier, later, field }: { readonly earlier: StoredFigures; readonly later: StoredFigures; readonly field: string },
): Promise<BlamedWrite | null> {
  const types = new Set(
    later.tags.filter((tag) => tag.field === field && tag.reloads > 0).map(({ tag }) => tag.replace(/[^A-Za-z0-9].*$/, '')),
  )
  const concerns = (row: InvalidationRow) =>
    types.size === 0 || row.tags.some(isBroadTag) || row.entityTypes.some((type) => types.has(type))
  const read = async (range: TimeRange) => (await readInvalidations(run, { range, limit: MAX_ROWS })).filter(concerns)
  const usual = weights(await read(earlier.range))
  const rows = await read(later.range)
  const excess = [...weights(rows)].map(([cause, weight]) => [cause, weight - (usual.get(cause) ?? 0)] as const)
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

function sentenceOf({ at, hitRateBefore, hitRateAfter, worst, write }: Omit<Drop, 'sentence'>): string {
  const fall = `The hit rate fell from ${percent(hitRateBefore)} to ${percent(hitRateAfter)} at ${new Date(at).toISOString()}.`
  if (!worst) return `${fall} No single field and cause stands out.`
  const share = `${worst.points.toFixed(1)} of the ${(100 * (hitRateBefore - hitRateAfter)).toFixed(1)} points are misses of ${worst.field} (${worst.cause})`
  if (!write) return `${fall} ${share}.`
  const tenants = write.tenants.includes('*') ? 'all tenants' : write.tenants.join(', ')
  const writes = write.writes === 1 ? '1 write' : `${write.writes.toLocaleString('en')} writes`
  return `${fall} ${share}; most of them were invalidated by ${write.cause} (${writes}, ${tenants}, first at ${new Date(write.firstAt).toISOString()}).`
}
