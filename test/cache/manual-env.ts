import type { Env, Timer } from '#src/engine/cache/index.ts'

interface Pending {
  readonly at: number
  readonly callback: () => void
}

/** An environment of the cache whose time passes only when a test advances it, and whose randomness comes from a seed. */
export class ManualEnv implements Env {
  #monotonic = 1000
  #wallOffset = 1_700_000_000_000
  #random: number
  readonly #pending = new Set<Pending>()

  constructor(seed = 1) {
    this.#random = seed >>> 0
  }

  now(): number {
    return this.#wallOffset + this.#monotonic
  }

  monotonic(): number {
    return this.#monotonic
  }

  random(): number {
    this.#random = (Math.imul(this.#random, 1664525) + 1013904223) >>> 0
    return this.#random / 2 ** 32
  }

  setTimer(callback: () => void, delayMs: number): Timer {
    const pending = { at: this.#monotonic + delayMs, callback }
    this.#pending.add(pending)
    return { cancel: () => this.#pending.delete(pending) }
  }

  defer(callback: () => void): void {
    queueMicrotask(callback)
  }

  /**
   * Waits for pending promises, then advances the time: runs the due timers in order, and waits after each timer for
   * the promises that it started.
   */
  async advance(ms: number): Promise<void> {
    await settled()
    const end = this.#monotonic + ms
    for (;;) {
      const [next] = [...this.#pending].filter((pending) => pending.at <= end).sort((a, b) => a.at - b.at)
      if (!next) break
      this.#pending.delete(next)
      this.#monotonic = Math.max(this.#monotonic, next.at)
      next.callback()
      await settled()
    }
    this.#monotonic = end
    await settled()
  }

  /**
   * Moves the clocks forward without running timers, as when a machine is suspended. `monotonicStands`: the monotonic clock stands still
   * meanwhile.
   */
  suspend(ms: number, options: { readonly monotonicStands?: boolean } = {}): void {
    if (options.monotonicStands) this.#wallOffset += ms
    else this.#monotonic += ms
  }

  jumpWallClock(ms: number): void {
    this.#wallOffset += ms
  }
}

/** Resolves when all pending promises have settled, except those that wait for time or for outside events. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < 50; turn++) await Promise.resolve()
  await new Promise<void>((resolve) => setImmediate(resolve))
  for (let turn = 0; turn < 50; turn++) await Promise.resolve()
}
