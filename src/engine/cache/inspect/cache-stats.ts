import type { Coherence } from '../log/coherence.ts'
import type { Maintenance } from '../log/maintenance.ts'
import type { MemoryTier } from '../memory/memory-tier.ts'
import type { Filler } from '../read/filler.ts'
import type { Reader } from '../read/reader.ts'

export interface StatsParts {
  readonly coherence: Coherence
  readonly memory: MemoryTier
  readonly reader: Reader
  readonly filler: Filler
  readonly maintenance: Maintenance
}

/** Returns the current values of a cache's gauges. */
export function cacheStats({ coherence, memory, reader, filler, maintenance }: StatsParts) {
  return {
    epoch: coherence.epoch,
    clock: coherence.clock,
    lagMs: coherence.lagMs,
    hasLease: coherence.hasLease,
    memoryEntries: memory.size,
    memoryBytes: memory.bytes,
    loadsInFlight: reader.loadsInFlight,
    peakLoads: filler.peakLoads,
    unwatched: [...maintenance.unwatched],
    isCheckingWatches: maintenance.isInDoubt,
  }
}
