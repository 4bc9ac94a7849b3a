import type { Entry } from '../model/entry.ts'
import type { Env } from '../model/env.ts'
import { HotSet } from './hot-set.ts'
import { Sampler } from './sampler.ts'

/** Key of a cached value, and the load time that its recent hits saved. */
export interface HotKey {
  readonly key: string
  /** Recent hits multiplied by the duration of the load, ms. */
  readonly savedMs: number
}

const HALF_LIFE_MS = 600_000
/** Duration of a load that took no measurable time, ms. */
const MIN_COST_MS = 0.05

/** Records which keys of this process save the most load time: hits multiplied by the duration of the load. Hits are sampled. */
export class HotKeys {
  readonly #sampler: Sampler
  readonly #keys: HotSet<true>

  constructor(env: Pick<Env, 'monotonic' | 'random'>, maxKeys: number) {
    this.#sampler = new Sampler(env)
    this.#keys = new HotSet({ maxKeys, halfLifeMs: HALF_LIFE_MS, monotonic: () => env.monotonic() })
  }

  /** Called for each hit. */
  hit(key: string, entry: Entry): void {
    const hits = this.#sampler.weight()
    if (hits > 0) this.#keys.add(key, hits * Math.max(MIN_COST_MS, entry.costMs), () => true)
  }

  /** Returns the hottest keys, hottest first. */
  hottest(): readonly HotKey[] {
    return this.#keys.hottest().map(({ key, weight }) => ({ key, savedMs: weight }))
  }
}
