import { OTHER } from './usage.ts'

export interface BusiestRowsOptions<Figures> {
  /** Maximum number of rows besides the row `other`. */
  readonly maxRows: number
  /** Creates the figures of a row, all 0. */
  readonly create: (name: string) => Figures
}

interface Row<Figures> {
  readonly row: number
  readonly name: string
  readonly figures: Figures
  /** Number of uses. A row that replaced another one has taken over the uses of that row, too. */
  uses: number
}

/** Number of uses after which a name without a row replaces the name with the fewest uses. */
const USES_FOR_ROW = 8
/** Maximum number of names without a row whose uses are counted, as a multiple of the number of rows. */
const CANDIDATES_PER_ROW = 5

/**
 * Figures by name for the names that are used most, in a fixed amount of memory. All others are counted together in the row `other`. A name
 * that comes late gets a row, because it takes over the uses of the row that it replaces (space-saving: Metwally, Agrawal and El Abbadi,
 * 2005). Names that are used a few times only never get a row once all rows are taken, so that made-up names do not drive out others.
 */
export class BusiestRows<Figures extends object> {
  readonly #options: BusiestRowsOptions<Figures>
  readonly #rows = new Map<string, Row<Figures>>()
  readonly #candidates = new Map<string, number>()
  #other: Row<Figures> | undefined
  #created = 0

  constructor(options: BusiestRowsOptions<Figures>) {
    this.#options = options
  }

  /** Returns the figures in which uses of the name are counted. They must be changed at once, because the name may lose its row later. */
  of(name: string, uses = 1): Figures {
    const known = this.#rows.get(name)
    if (!known) return this.#admitted(name, uses)
    known.uses += uses
    return known.figures
  }

  /** Returns all rows, each with its number and the figures, which the caller must not change. */
  all(): readonly { readonly row: number; readonly figures: Figures }[] {
    return this.#other ? [this.#other, ...this.#rows.values()] : [...this.#rows.values()]
  }

  #admitted(name: string, newUses: number): Figures {
    if (name === OTHER) return this.#rest().figures
    if (this.#rows.size < this.#options.maxRows) return this.#add(name, newUses)
    const uses = (this.#candidates.get(name) ?? 0) + newUses
    if (uses < USES_FOR_ROW) {
      this.#candidates.set(name, uses)
      const [oldest] = this.#candidates.keys()
      if (oldest !== undefined && this.#candidates.size > CANDIDATES_PER_ROW * this.#options.maxRows) this.#candidates.delete(oldest)
      return this.#rest().figures
    }
    this.#candidates.delete(name)
    let lightest: Row<Figures> | undefined
    for (const row of this.#rows.values()) if (!lightest || row.uses < lightest.uses) lightest = row
    if (!lightest) return this.#rest().figures
    this.#rows.delete(lightest.name)
    addNumbers(this.#rest().figures, lightest.figures)
    return this.#add(name, lightest.uses + uses)
  }

  #add(name: string, uses: number): Figures {
    const figures = this.#options.create(name)
    this.#rows.set(name, { row: ++this.#created, name, figures, uses })
    return figures
  }

  #rest(): Row<Figures> {
    this.#other ??= { row: 0, name: OTHER, figures: this.#options.create(OTHER), uses: 0 }
    return this.#other
  }
}

/** Adds all numbers of an object, also in its records, to the numbers of another one. */
function addNumbers(target: object, source: object): void {
  const sums = target as Record<string, unknown>
  for (const [name, value] of Object.entries(source) as [string, unknown][]) {
    const sum = sums[name]
    if (typeof value === 'number' && typeof sum === 'number') sums[name] = sum + value
    else if (typeof value === 'object' && value !== null && typeof sum === 'object' && sum !== null) addNumbers(sum, value)
  }
}
