import type { Sample } from '../metrics/registry.ts'
import type { CheckRow } from './compact.ts'

/** Counts the passed and the failed checks by name, in the order in which the names first occurred. */
export class CheckCounts {
  readonly #counts = new Map<string, { passes: number; fails: number }>()

  add({ metric, value, tags }: Sample): void {
    if (metric !== 'checks') return
    const name = tags['check'] ?? ''
    const counts = this.#counts.get(name) ?? { passes: 0, fails: 0 }
    if (value === 0) counts.fails++
    else counts.passes++
    this.#counts.set(name, counts)
  }

  rows(): readonly CheckRow[] {
    return [...this.#counts].map(([name, counts]) => ({ name, ...counts }))
  }
}
