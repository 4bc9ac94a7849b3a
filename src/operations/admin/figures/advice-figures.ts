import type { MissCause } from '../../../engine/cache/model/miss.ts'
import type { Recommendation } from './advice-options.ts'

/**
 * Returns a gain of hits as points of the hit rate.
 * @param hits Misses that would be hits at most, or about.
 * @param total Reads of all fields.
 * @param more What the reader must know about the figure.
 */
export function gainOf(kind: 'Up to' | 'About', hits: number, total: number, more = ''): Recommendation['gain'] {
  const points = total === 0 ? 0 : (100 * hits) / total
  const misses = Math.round(hits).toLocaleString('en')
  const text = `${kind} ${pointsText(points)} of the field hit rate: ${misses} of ${total.toLocaleString('en')} reads of all fields would be hits.`
  return { points, text: more === '' ? text : `${text} ${more}` }
}

/** Returns the misses that a recommendation is about, as points of the hit rate. @param total Reads of all fields. */
export function aboutOf(cause: MissCause, misses: number, total: number): Recommendation['about'] {
  return { cause, points: total === 0 ? 0 : (100 * misses) / total }
}

/** Returns points with one decimal, or with two if they are few. */
export function pointsText(points: number): string {
  if (points === 0) return '0 points'
  return points < 0.005 ? 'less than 0.01 points' : `${points.toFixed(points < 0.95 ? 2 : 1)} points`
}

export interface StoredEntries {
  /** Entries that are stored a second. */
  readonly perSecond: number
  /** Time for which they are stored in memory and in Redis, seconds. */
  readonly l1: number
  readonly l2: number
  /** Mean size of an entry, bytes; null if it is not known. */
  readonly entryBytes: number | null
}

/** Returns the memory that entries take at most, if each is stored until its TTL ends. */
export function memoryOf({ perSecond, l1, l2, entryBytes }: StoredEntries): { readonly bytes: number | null; readonly text: string } {
  if (entryBytes === null)
    return { bytes: null, text: 'not known: the memory of the process that answers is empty, so the size of an entry is not known' }
  const [memory, redis] = [Math.round(perSecond * l1 * entryBytes), Math.round(perSecond * l2 * entryBytes)]
  return {
    bytes: memory + redis,
    text: `up to ${sizeText(memory)} in the memory of all processes and ${sizeText(redis)} in Redis, if an entry has ${sizeText(entryBytes)} on average`,
  }
}

/** Returns a size, such as `512 bytes` or `3.2 MiB`. */
export function sizeText(bytes: number): string {
  if (bytes < 1024) return `${Math.round(bytes)} bytes`
  const power = bytes < 1024 ** 2 ? 1 : bytes < 1024 ** 3 ? 2 : 3
  return `${(bytes / 1024 ** power).toFixed(1)} ${['KiB', 'MiB', 'GiB'][power - 1]}`
}
