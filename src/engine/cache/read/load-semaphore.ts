import { TenantTurns } from './tenant-turns.ts'

/** Kind of a running load; undefined if the load was dropped. */
type Admission = 'usual' | 'background' | undefined

interface Waiting {
  readonly isWanted: () => boolean
  readonly isBackground: () => boolean
  readonly proceed: (admission: Admission) => void
}

/** Share of the limit that background loads may take. */
const BACKGROUND_SHARE = 0.25

/**
 * Limits the number of concurrent loads. Waiting tenants take turns, so that a burst of one tenant does not hold up the other tenants.
 * Background loads, such as loads that warm the cache, take at most a quarter of the limit, and start only while no other load waits.
 */
export class LoadSemaphore {
  readonly #limit: number
  readonly #backgroundLimit: number
  readonly #waiting = new TenantTurns<Waiting>()
  readonly #inBackground = new TenantTurns<Waiting>()
  #running = 0
  #peak = 0
  /** Number of background loads among the running ones. */
  #runningInBackground = 0

  constructor(limit: number) {
    if (!Number.isInteger(limit) || limit < 1)
      throw new RangeError(`The number of concurrent loads must be a positive integer, got ${limit}.`)
    this.#limit = limit
    this.#backgroundLimit = Math.max(1, Math.floor(limit * BACKGROUND_SHARE))
  }

  /** Highest number of loads that ran at the same time so far. */
  get peak(): number {
    return this.#peak
  }

  /**
   * Runs `work` when it is the tenant's turn.
   * @param isWanted Called first, and again when the turn comes. If it returns false, `work` is dropped, because no reader waits for it any
   * more.
   * @param isBackground Whether the load gives way to others. It may become false while the load waits: see {@link promote}.
   * @returns false if `work` was dropped.
   */
  async run(tenant: string, isWanted: () => boolean, work: () => Promise<void>, isBackground = () => false): Promise<boolean> {
    if (!isWanted()) return false
    const kind = isBackground() ? 'background' : 'usual'
    const admission = this.#hasRoom(kind) ? this.#enter(kind) : await this.#turn(tenant, { isWanted, isBackground })
    if (!admission) return false
    try {
      await work()
      return true
    } finally {
      this.#leave(admission)
    }
  }

  /**
   * Starts the waiting loads that are no longer background loads, or moves them to the queue of the other loads. Called when a reader that
   * is not in the background has joined a load.
   */
  promote(): void {
    for (const [tenant, waiting] of this.#inBackground.removeWhere(({ isBackground }) => !isBackground())) {
      if (this.#hasRoom('usual')) waiting.proceed(this.#enter('usual'))
      else this.#waiting.add(tenant, waiting)
    }
  }

  #hasRoom(kind: NonNullable<Admission>): boolean {
    if (this.#running >= this.#limit) return false
    return kind === 'usual' || this.#runningInBackground < this.#backgroundLimit
  }

  #enter(kind: NonNullable<Admission>): NonNullable<Admission> {
    this.#running++
    this.#peak = Math.max(this.#peak, this.#running)
    if (kind === 'background') this.#runningInBackground++
    return kind
  }

  #turn(tenant: string, waiting: Omit<Waiting, 'proceed'>): Promise<Admission> {
    return new Promise((proceed) => {
      const lane = waiting.isBackground() ? this.#inBackground : this.#waiting
      lane.add(tenant, { ...waiting, proceed })
    })
  }

  /** Passes the slot to the next waiting load. A background load gets the slot only if no other load waits. */
  #leave(kind: NonNullable<Admission>): void {
    this.#running--
    if (kind === 'background') this.#runningInBackground--
    const next = nextWanted(this.#waiting)
    if (next) next.proceed(this.#enter('usual'))
    else if (this.#hasRoom('background')) nextWanted(this.#inBackground)?.proceed(this.#enter('background'))
  }
}

/** Returns the next load that a reader still waits for, and drops the loads before it. */
function nextWanted(turns: TenantTurns<Waiting>): Waiting | undefined {
  return turns.next(({ isWanted, proceed }) => {
    if (isWanted()) return true
    proceed(undefined)
    return false
  })
}
