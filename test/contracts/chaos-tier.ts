import { setTimeout as pause } from 'node:timers/promises'
import type { RemoteEntry, RemoteTier } from '#src/engine/cache/index.ts'
import type { Dice } from '../simulation/scheduler.ts'

/**
 * A shared cache tier that wraps another shared tier and randomly drops, delays, reorders, corrupts, swaps and loses
 * entries. A seed determines the faults.
 */
export class ChaosTier implements RemoteTier {
  readonly #tier: RemoteTier
  readonly #dice: Dice
  readonly #seen: string[] = []

  constructor(tier: RemoteTier, dice: Dice) {
    this.#tier = tier
    this.#dice = dice
  }

  async getMany(keys: readonly string[]): Promise<readonly (Uint8Array | null)[]> {
    await this.#trouble()
    this.#seen.push(...keys)
    const asked = keys.map((key) => (this.#dice.chance(0.1) ? this.#dice.pick(this.#seen) : key))
    const found = await this.#tier.getMany(asked)
    return found.map((bytes) => (bytes && this.#dice.chance(0.2) ? this.#damage(bytes) : bytes))
  }

  async setMany(entries: readonly RemoteEntry[]): Promise<void> {
    await this.#trouble()
    const kept = entries.filter(() => this.#dice.chance(0.8))
    const late = kept.filter(() => this.#dice.chance(0.3))
    await this.#tier.setMany(kept.filter((entry) => !late.includes(entry)))
    void pause(this.#dice.next() * 30).then(() => this.#tier.setMany(late).catch(() => undefined))
    if (this.#seen.length > 0 && this.#dice.chance(0.2)) await this.#tier.deleteMany([this.#dice.pick(this.#seen)])
  }

  deleteMany(keys: readonly string[]): Promise<void> {
    return this.#tier.deleteMany(keys)
  }

  async addMany(entries: readonly RemoteEntry[]): Promise<readonly boolean[]> {
    await this.#trouble()
    const added = await this.#tier.addMany(entries)
    return added.map((isAdded) => (this.#dice.chance(0.2) ? !isAdded : isAdded))
  }

  close(): Promise<void> {
    return this.#tier.close()
  }

  async #trouble(): Promise<void> {
    if (this.#dice.chance(0.3)) await pause(this.#dice.next() * 10)
    if (this.#dice.chance(0.05)) throw new Error('The shared tier is down.')
  }

  #damage(bytes: Uint8Array): Uint8Array {
    const damaged = Uint8Array.from(bytes)
    const at = Math.floor(this.#dice.next() * damaged.length)
    damaged[at] = (damaged[at] ?? 0) ^ 0xff
    return this.#dice.chance(0.5) ? damaged : damaged.subarray(0, at)
  }
}
