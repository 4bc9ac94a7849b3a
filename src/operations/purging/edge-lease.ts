import type { Env, Timer } from '../../engine/cache/model/env.ts'
import type { LogPosition, PurgeCursor } from './purge-cursor.ts'

export interface EdgeLeaseOptions {
  readonly cursor: Pick<PurgeCursor, 'take' | 'renew' | 'release'>
  readonly env: Pick<Env, 'monotonic' | 'setTimer'>
  readonly leaseMs: number
}

/** The right of this process to purge an edge, which one process at a time has. The lease is prolonged in the background. */
export class EdgeLease {
  readonly #options: EdgeLeaseOptions
  /** Time until which this process may purge, by its monotonic clock, ms; undefined if it does not hold the lease. */
  #heldUntil: number | undefined
  #timer: Timer | undefined

  constructor(options: EdgeLeaseOptions) {
    this.#options = options
  }

  /** Whether this process may purge. The process counts from before it asked the database, so its lease never ends after that of the database. */
  get isHeld(): boolean {
    return this.#heldUntil !== undefined && this.#options.env.monotonic() < this.#heldUntil
  }

  /** Takes the lease unless another process holds it. Returns the position of the cursor, as {@link PurgeCursor.take}. */
  async take(): Promise<LogPosition | null | undefined> {
    const { cursor, env, leaseMs } = this.#options
    this.end()
    const askedAt = env.monotonic()
    const position = await cursor.take()
    if (position === undefined) return undefined
    this.#heldUntil = askedAt + leaseMs
    this.#schedule()
    return position
  }

  /** Ends the lease in this process, without telling the others. */
  end(): void {
    this.#timer?.cancel()
    this.#heldUntil = undefined
  }

  /** Gives the lease to the other processes. Never rejects: without the database, the lease ends by itself. */
  async release(): Promise<void> {
    if (this.#heldUntil === undefined) return
    this.end()
    await this.#options.cursor.release().catch(() => undefined)
  }

  #schedule(): void {
    const { env, leaseMs } = this.#options
    this.#timer = env.setTimer(() => void this.#renew(), leaseMs / 3)
  }

  async #renew(): Promise<void> {
    const { cursor, env, leaseMs } = this.#options
    const timer = this.#timer
    const askedAt = env.monotonic()
    const isRenewed = await cursor.renew().catch(() => undefined)
    if (timer !== this.#timer || this.#heldUntil === undefined) return
    if (isRenewed === false) this.end()
    else {
      if (isRenewed) this.#heldUntil = askedAt + leaseMs
      this.#schedule()
    }
  }
}
