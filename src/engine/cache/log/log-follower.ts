import type { TokenSealer } from '../model/consistency-token.ts'
import type { CacheEvent } from '../model/events.ts'
import type { Session } from '../model/session.ts'
import type { Coherence } from './coherence.ts'
import type { Position } from './siblings.ts'

/** Invalidations that one sync of the log brought. */
export interface AppliedBatch {
  /** Invalidated tags; `everything` if all values may have changed. */
  readonly tags: ReadonlySet<string> | 'everything'
  /** Time from the oldest write of the batch until it was applied, ms; undefined for a batch without writes. */
  readonly lagMs: number | undefined
}

export type AppliedListener = (batch: AppliedBatch) => void

/**
 * Tells listeners which tags were invalidated, once after each sync of the invalidation log that applied rows. A read that starts after the
 * call sees the writes of these rows.
 */
export class LogFollower {
  readonly #coherence: Coherence
  readonly #sealer: TokenSealer
  readonly #listeners = new Set<AppliedListener>()
  #tags = new Set<string>()
  #isEverything = false
  #lagMs: number | undefined

  constructor(coherence: Coherence, sealer: TokenSealer) {
    this.#coherence = coherence
    this.#sealer = sealer
  }

  /** Whether a listener waits for invalidations. */
  get isFollowed(): boolean {
    return this.#listeners.size > 0
  }

  /**
   * Calls `listener` after each sync that applied rows, and after each full reset. Returns the function that ends this. While there is a
   * listener, syncs do not wait for hints of other instances, because a write of another program causes none.
   */
  listen(listener: AppliedListener): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Must be called with each event of the coherence protocol. */
  hear(event: CacheEvent): void {
    if (!this.isFollowed) return
    if (event.type === 'invalidated') this.#add(event.tags, event.lagMs)
    else if (event.type === 'epoch' || event.type === 'reset') this.#isEverything = true
    if (event.type === 'sync' || event.type === 'reset') this.#tell()
  }

  /** Whether the log was read within the staleness bound. */
  get hasLease(): boolean {
    return this.#coherence.hasLease
  }

  /** Time since the newest successful sync of the log, ms. */
  get lagMs(): number {
    return this.#coherence.lagMs
  }

  /** Returns the position of the log up to which this process has applied it. */
  position(): Position {
    return { epoch: this.#coherence.epoch, clock: this.#coherence.clock }
  }

  /** Returns a consistency token for a position. A read with the token sees at least the writes up to that position. */
  seal(position: Position): string {
    return this.#sealer.seal(position)
  }

  /** Resolves when all reads of this process see what the session must see. @throws any error of reading the log. */
  async reach(session: Session): Promise<void> {
    if (session.need !== undefined) await this.#coherence.reach(session.need)
    session.need = undefined
  }

  #add(tags: readonly string[], lagMs: number | undefined): void {
    for (const tag of tags) this.#tags.add(tag)
    if (lagMs !== undefined) this.#lagMs = Math.max(this.#lagMs ?? 0, lagMs)
  }

  #tell(): void {
    if (this.#tags.size === 0 && !this.#isEverything) return
    const tags = this.#isEverything || this.#tags.has('*') ? 'everything' : this.#tags
    const batch: AppliedBatch = { tags, lagMs: this.#lagMs }
    this.#tags = new Set()
    this.#isEverything = false
    this.#lagMs = undefined
    for (const listener of this.#listeners) listener(batch)
  }
}
