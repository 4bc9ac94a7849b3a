import type { Env } from '../../engine/cache/model/env.ts'
import type { CacheEvent } from '../../engine/cache/model/events.ts'
import { havePurgedKeys } from '../../gateway/responses/surrogate-keys.ts'
import { type EdgePurger, type EdgeState, TRANSIT_MS } from './edge-purger.ts'
import type { PurgeCursor } from './purge-cursor.ts'

/** An edge with its purger. */
export interface PurgedEdge {
  readonly name: string
  readonly purger: EdgePurger
  readonly cursor: Pick<PurgeCursor, 'position'>
}

export interface PurgingOptions {
  readonly edges: readonly PurgedEdge[]
  readonly env: Pick<Env, 'monotonic' | 'setTimer'>
  readonly stalenessBoundMs: number
}

/** State of an edge after an invalidation. */
export interface EdgeConfirmation {
  readonly edge: string
  /** `purged`: no response from before the invalidation is stored there. `pending`: such a response may be stored. */
  readonly state: 'purged' | 'pending'
}

const POLL_MS = 50
/** Time that an edge may take for a purge, in addition to the time after which it is purged for the last time, ms. */
const PURGE_MS = 2000

/** The purges of all edges by this process and the others. */
export class Purging {
  readonly #options: PurgingOptions

  constructor(options: PurgingOptions) {
    this.#options = options
  }

  /** State of each edge in this process. */
  get states(): readonly EdgeState[] {
    return this.#options.edges.map(({ purger }) => purger.state)
  }

  /** Starts to purge. One of the processes purges an edge; the others wait to take over. */
  begin(): void {
    for (const { purger } of this.#options.edges) purger.begin()
  }

  onCacheEvent(event: CacheEvent): void {
    if (event.type === 'reset' || (event.type === 'invalidated' && havePurgedKeys(event.tags)))
      for (const { purger } of this.#options.edges) purger.wake()
  }

  /**
   * Waits until all edges are purged of what a row of the log invalidated, for a bounded time. Returns the state of each edge; nothing if the
   * tags concern no response that edges store. Never rejects.
   */
  async confirmed(row: { readonly epoch: string; readonly clock: number }, tags: readonly string[]): Promise<readonly EdgeConfirmation[]> {
    if (!havePurgedKeys(tags)) return []
    return Promise.all(this.#options.edges.map((edge) => this.#confirmedAt(edge, row)))
  }

  async close(): Promise<void> {
    await Promise.all(this.#options.edges.map(({ purger }) => purger.close()))
  }

  async #confirmedAt(
    { name, cursor }: PurgedEdge,
    { epoch, clock }: { readonly epoch: string; readonly clock: number },
  ): Promise<EdgeConfirmation> {
    const { env, stalenessBoundMs } = this.#options
    const until = env.monotonic() + stalenessBoundMs + TRANSIT_MS + PURGE_MS
    for (;;) {
      const position = await cursor.position().catch(() => null)
      if (position?.epoch === epoch && position.seq >= clock) return { edge: name, state: 'purged' }
      if (env.monotonic() >= until) return { edge: name, state: 'pending' }
      await new Promise<void>((resolve) => void env.setTimer(resolve, POLL_MS))
    }
  }
}
