import type { Stale } from '../../../docs/clients/consistency.ts'

/** How the newest answer to an operation came. */
export interface AnswerFacts {
  /** When the answer arrived, Unix epoch ms. */
  readonly at: number
  /** Why and since when the answer may be out of date; undefined for a fresh answer. */
  readonly stale: Stale | undefined
  /** `HIT`, `MISS`, `STALE` or `BYPASS`, as in the header X-Cache, or `LIVE` for a live query; undefined if the header cannot be read. */
  readonly cache: string | undefined
  /** Whether the connection of the live query has been lost since this answer. */
  readonly isLost?: boolean
}

/** Keeps how the newest answer to each operation came, and tells the page when this changes. */
export class Freshness {
  readonly #facts = new Map<string, AnswerFacts>()
  readonly #listeners = new Set<() => void>()

  of(operation: string): AnswerFacts | undefined {
    return this.#facts.get(operation)
  }

  answered(operation: string, facts: AnswerFacts): void {
    this.#facts.set(operation, facts)
    this.#tell()
  }

  /** Notes that the connections of the live queries are lost. The next answer to each of them says that it is connected again. */
  lost(): void {
    for (const [operation, facts] of this.#facts) if (facts.cache === 'LIVE') this.#facts.set(operation, { ...facts, isLost: true })
    this.#tell()
  }

  /** @returns a function that ends the subscription. */
  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }

  #tell(): void {
    for (const listener of this.#listeners) listener()
  }
}
