import type { FoundShares } from './store-watch.ts'
import { STORES } from './store-watch.ts'

/** Measured effects of a flood of invented requests from one caller on a gateway. */
export interface FloodFigures {
  readonly requests: number
  readonly refused: number
  /** Resident memory of the process before the flood, at its peak, and after it, bytes. */
  readonly rssBefore: number
  readonly rssHighest: number
  readonly rssAfter: number
  /** Share of another caller's responses that came from the cache, before and after the flood, 0 to 1. */
  readonly hitRateBefore: number
  readonly hitRateAfter: number
  /** Share of entries that are still in each store after the flood, of the other caller and of the flooding caller. */
  readonly kept: FoundShares
  readonly keptOfFlood: FoundShares
}

const MIB = 2 ** 20
/** Memory, bytes, that a process uses in addition to its in-memory stores: see docs/operations.md, Memory. */
const FIXED_BYTES = 384 * MIB
/** Maximum ratio of the heap size to the size of the stored entries. It is above 1, because garbage is collected only from time to time. */
const GARBAGE_FACTOR = 2
/** Minimum memory outside the heap, bytes. */
const BESIDE_HEAP_BYTES = 64 * MIB
const MIN_SHARE = 0.95
/**
 * Maximum share of its own entries that the flooding caller may keep. A higher share means that the flood did not fill
 * the store, so the run proves nothing.
 */
const MAX_SHARE_OF_FLOOD = 0.05

/** Returns the maximum memory of a process without live queries according to docs/operations.md, bytes. */
export function documentedBytes(cacheMemoryBytes: number, requestMemoryBytes: number): number {
  return FIXED_BYTES + GARBAGE_FACTOR * (cacheMemoryBytes + requestMemoryBytes)
}

/** Returns the V8 heap limit that docs/operations.md prescribes, MiB. */
export function documentedHeapMib(documented: number): number {
  return Math.floor((documented - BESIDE_HEAP_BYTES) / MIB)
}

/** Returns a description of each measured value that is not acceptable. */
export function floodFindings(figures: FloodFigures, documented: number): readonly string[] {
  const { requests, refused, rssHighest, hitRateBefore, hitRateAfter, kept, keptOfFlood } = figures
  const findings: string[] = []
  if (rssHighest > documented) findings.push(`expected at most ${mib(documented)} MiB of memory, got ${mib(rssHighest)}`)
  if (hitRateAfter < MIN_SHARE * hitRateBefore)
    findings.push(`expected a hit rate of ${hitRateBefore.toFixed(3)} less a twentieth at most, got ${hitRateAfter.toFixed(3)}`)
  for (const store of STORES) {
    if (kept[store] < MIN_SHARE) findings.push(`expected the ${store} of another caller to be kept, got ${kept[store].toFixed(3)} of them`)
    if (keptOfFlood[store] > MAX_SHARE_OF_FLOOD)
      findings.push(`expected more ${store} than there is room for, got a flood that pushed out too few of its own: send more`)
  }
  if (refused > requests / 100) findings.push(`expected made-up requests to be answered, got ${refused} refused`)
  return findings
}

export function floodReport({ requests, refused, rssBefore, rssHighest, rssAfter, ...rates }: FloodFigures): string {
  const shares = (found: FoundShares) => STORES.map((store) => `${store} ${found[store].toFixed(3)}`).join(', ')
  return [
    `${requests} made-up requests, ${refused} refused`,
    `memory: ${mib(rssBefore)} MiB before, ${mib(rssHighest)} at its highest, ${mib(rssAfter)} afterwards`,
    `another caller's hits: ${rates.hitRateBefore.toFixed(3)} before, ${rates.hitRateAfter.toFixed(3)} afterwards`,
    `what that caller kept: ${shares(rates.kept)}`,
    `what the flooding caller kept of its first requests: ${shares(rates.keptOfFlood)}`,
  ].join('\n')
}

function mib(bytes: number): string {
  return (bytes / MIB).toFixed(0)
}
