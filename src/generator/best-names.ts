import { BestOf } from './best-of.ts'
import { compareSuggestions } from './compare-suggestions.ts'
import { type FoundLabel, namesOf } from './distinct-labels.ts'
import type { Suggestion } from './domain-config.ts'
import type { Plan, PlannedTld } from './plan.ts'
import type { Steps } from './work-queue.ts'

/** Top-level domains under which the same labels are allowed, with the best of these labels. */
interface Group {
  readonly tlds: readonly PlannedTld[]
  readonly allows: (found: FoundLabel) => boolean
  readonly labels: BestOf<FoundLabel>
}

/**
 * Finds the best names without making all of them. Only the best labels and the best top-level domains can meet in one of
 * them, so that the work does not grow with the product of the two.
 */
export class BestNames {
  readonly #plan: Plan
  readonly #groups: readonly Group[]

  constructor(plan: Plan) {
    this.#plan = plan
    const tlds = plan.tlds.toSorted(compareTlds)
    const group = (isRightToLeft: boolean): Group => ({
      tlds: tlds.filter((tld) => tld.isRightToLeft === isRightToLeft),
      allows: ({ idna }) => idna.fitsRightToLeft || !isRightToLeft,
      labels: new BestOf(plan.limit, compareLabels),
    })
    this.#groups = [group(false), group(true)].filter((one) => one.tlds.length > 0)
  }

  offer(found: FoundLabel): void {
    for (const { labels, allows } of this.#groups) if (allows(found)) labels.offer(found)
  }

  /**
   * The best names, best first. Within a group, a name of the i-th label and the j-th top-level domain is worse than all
   * i * j names of a label and a top-level domain that are not behind them; so it is among the best n only where i * j is at most n.
   */
  *names(): Steps<Suggestion[]> {
    const { limit, minScore } = this.#plan
    const best = new BestOf(limit, compareSuggestions)
    for (const { labels, tlds } of this.#groups) {
      for (const [index, found] of labels.sorted().entries()) {
        const promising = tlds.slice(0, Math.floor(limit / (index + 1))).filter(({ score }) => found.points + score >= minScore)
        for (const name of namesOf(found, promising)) best.offer(name)
        yield 1 + promising.length
      }
    }
    return best.sorted()
  }
}

/** As {@link compareSuggestions} has it for names under one top-level domain. */
function compareLabels(a: FoundLabel, b: FoundLabel): number {
  if (a.points !== b.points) return b.points - a.points
  return compareTexts(a.idna.ascii, b.idna.ascii)
}

/** As {@link compareSuggestions} has it for names with one label. */
function compareTlds(a: PlannedTld, b: PlannedTld): number {
  if (a.score !== b.score) return b.score - a.score
  return compareTexts(a.name, b.name)
}

function compareTexts(a: string, b: string): number {
  if (a.length !== b.length) return a.length - b.length
  return a < b ? -1 : a > b ? 1 : 0
}
