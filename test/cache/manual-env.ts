import type { Env, Timer } from '../../src/cache/index.ts'

interface Pending {
  readonly at: number
  readonly callback: () => void
}

/** Time that passes only when told to; randomness from a seed. */
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

  /** Lets what is under way come to rest, then time pass: runs the timers that fall due in order, and after each whatever they set going. */
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

  /** Moves time without running timers, as when a machine was suspended. */
  suspend(ms: number, options: { readonly monotonicStands?: boolean } = {}): void {
    if (options.monotonicStands) this.#wallOffset += ms
    else this.#monotonic += ms
  }

  jumpWallClock(ms: number): void {
    this.#wallOffset += ms
  }
}

/** Resolves when everything that could go on without time or outside events has done so. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < 50; turn++) await Promise.resolve()
  await new Promise<void>((resolve) => setImmediate(resolve))
  for (let turn = 0; turn < 50; turn++) await Promise.resolve()
}
