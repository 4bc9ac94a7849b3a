import { OTHER } from './usage.ts'

/** Bounds the values of a label: the first names keep their own value, and all later names share the value `other`. */
export class FirstNames {
  readonly #max: number
  readonly #names = new Set<string>()

  /** Creates an empty set. @param max Maximum number of names with a value of their own. */
  constructor(max: number) {
    this.#max = max
  }

  label(name: string): string {
    if (this.#names.has(name)) return name
    if (this.#names.size >= this.#max) return OTHER
    this.#names.add(name)
    return name
  }
}
