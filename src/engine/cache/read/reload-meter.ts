import type { RecentInvalidations } from '../log/recent-invalidations.ts'
import { Binary } from '../model/binary.ts'
import type { Entry } from '../model/entry.ts'
import type { CacheListener } from '../model/events.ts'
import type { Voiding } from '../model/miss.ts'
import type { CachePolicy } from '../model/policy.ts'
import type { Departing } from './flight.ts'
import type { RepeatedValues } from './repeated-values.ts'

interface Reloads {
  readonly voidedBy: Voiding | undefined
  count: number
  needless: number
}

export interface ReloadMeterOptions {
  readonly recent: Pick<RecentInvalidations, 'causeOf'>
  readonly repeats: Pick<RepeatedValues, 'loaded'>
  readonly onEvent: CacheListener
}

/**
 * Counts the reloads that an invalidation caused, and how many of them returned the same value as before. Such a reload was needless: more
 * precise tags would have avoided it. A reload is counted only if the voided copy was still in this process or in the shared tier.
 */
export class ReloadMeter {
  readonly #options: ReloadMeterOptions

  constructor(options: ReloadMeterOptions) {
    this.#options = options
  }

  /**
   * Compares loaded entries with the voided copies that they replace, and reports the writes that voided these copies.
   * @param durationMs Duration of the call that loaded the entries, ms. Each entry has the same share of it.
   */
  measure(
    loaded: readonly Pick<Departing, 'flight' | 'request'>[],
    entries: readonly (Entry | Error)[],
    policy: CachePolicy,
    durationMs: number,
  ): void {
    let groups: Map<string, Reloads> | undefined
    for (const [position, { flight, request }] of loaded.entries()) {
      const entry = entries[position]
      if (entry && !(entry instanceof Error)) this.#options.repeats.loaded(request, entry, policy)
      const { voided: before, voidedBy } = flight.voided ?? {}
      if (!before || !entry || entry instanceof Error) continue
      groups ??= new Map()
      const id = voidedBy ? `${voidedBy.seq} ${voidedBy.tag}` : ''
      const group = groups.get(id) ?? { voidedBy, count: 0, needless: 0 }
      group.count++
      if (isSame(before.value, entry.value)) group.needless++
      groups.set(id, group)
    }
    if (!groups) return
    const { recent, onEvent } = this.#options
    for (const { voidedBy, count, needless } of groups.values()) {
      const loadMs = policy.composed ? undefined : (durationMs * count) / loaded.length
      const write = voidedBy && recent.causeOf(voidedBy)
      const known = { ...(voidedBy ? { voidedBy } : {}), ...(write === undefined ? {} : { write }) }
      onEvent({ type: 'reload', policy: policy.name, count, needless, loadMs, ...known })
    }
  }
}

/** Whether two cached values are equal: JSON values by their contents, in any order of properties, and others by their bytes. */
function isSame(before: unknown, after: unknown): boolean {
  if (before === after) return true
  if (before instanceof Binary && after instanceof Binary) return Buffer.compare(before.bytes, after.bytes) === 0
  if (typeof before !== 'object' || typeof after !== 'object' || before === null || after === null) return false
  if (before instanceof Binary || after instanceof Binary || Array.isArray(before) !== Array.isArray(after)) return false
  return areSameProperties(new Map(Object.entries(before)), Object.entries(after))
}

function areSameProperties(before: ReadonlyMap<string, unknown>, after: readonly (readonly [string, unknown])[]): boolean {
  return before.size === after.length && after.every(([name, value]) => before.has(name) && isSame(before.get(name), value))
}
