import type { Env, Timer } from '#src/engine/cache/index.ts'

/** A seeded random number generator (mulberry32). */
export class Dice {
  #state: number

  constructor(seed: number) {
    this.#state = seed >>> 0
  }

  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0
    let t = this.#state
    t = Math.imul(t ^ (t >>> 15), t | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }

  chance(probability: number): boolean {
    return this.next() < probability
  }

  between(low: number, high: number): number {
    return low + this.next() * (high - low)
  }

  pick<Item>(items: readonly Item[]): Item {
    return items[Math.floor(this.next() * items.length)] as Item
  }
}

interface Event {
  readonly at: number
  readonly order: number
  readonly run: () => void
}

/**
 * Virtual time: events run one by one in the order of their times. An event, and all promises that it settles, complete before the next
 * event starts.
 */
export class Scheduler {
  #now = 0
  #order = 0
  #events: Event[] = []

  get now(): number {
    return this.#now
  }

  at(at: number, run: () => void): Timer {
    const event = { at: Math.max(at, this.#now), order: this.#order++, run }
    const position = this.#events.findLastIndex((other) => other.at <= event.at)
    this.#events.splice(position + 1, 0, event)
    return {
      cancel: () => {
        this.#events = this.#events.filter((other) => other !== event)
      },
    }
  }

  sleep(ms: number): Promise<void> {
    return new Promise((resolve) => void this.at(this.#now + ms, resolve))
  }

  async runUntil(end: number): Promise<void> {
    for (;;) {
      const [next] = this.#events
      if (!next || next.at > end) break
      this.#events.shift()
      this.#now = next.at
      next.run()
      // Continues when the microtask queue is empty: everything that the event started has then completed, or waits for a later event.
      await new Promise<void>((resolve) => process.nextTick(resolve))
    }
    this.#now = end
  }
}

/** Clocks and timers of one simulated instance. The clocks may jump, and the whole instance may be suspended. */
export class InstanceEnv implements Env {
  readonly #scheduler: Scheduler
  readonly #dice: Dice
  #wallOffset = 1_700_000_000_000
  #suspendedUntil = 0
  #monotonicLost = 0

  constructor(scheduler: Scheduler, dice: Dice) {
    this.#scheduler = scheduler
    this.#dice = dice
  }

  now(): number {
    return this.#wallOffset + this.#scheduler.now
  }

  monotonic(): number {
    return 1000 + this.#scheduler.now - this.#monotonicLost
  }

  random(): number {
    return this.#dice.next()
  }

  setTimer(callback: () => void, delayMs: number): Timer {
    let timer: Timer | undefined
    const fire = () => {
      if (this.#scheduler.now < this.#suspendedUntil) timer = this.#scheduler.at(this.#suspendedUntil, fire)
      else callback()
    }
    timer = this.#scheduler.at(this.#scheduler.now + delayMs, fire)
    return { cancel: () => timer?.cancel() }
  }

  defer(callback: () => void): void {
    this.setTimer(callback, this.#dice.between(0, 5))
  }

  get isSuspended(): boolean {
    return this.#scheduler.now < this.#suspendedUntil
  }

  /** Resolves when the instance is not suspended, because messages for a suspended process wait. */
  async awake(): Promise<void> {
    while (this.isSuspended) await this.#scheduler.sleep(this.#suspendedUntil - this.#scheduler.now)
  }

  suspend(ms: number, monotonicStands: boolean): void {
    this.#suspendedUntil = this.#scheduler.now + ms
    if (monotonicStands) this.#monotonicLost += ms
  }

  jumpWallClock(ms: number): void {
    this.#wallOffset += ms
  }
}
