import { BestOf } from './best-of.ts'
import { compareSuggestions } from './compare-suggestions.ts'
import { type FoundLabel, namesOf } from './distinct-labels.ts'
import type { Suggestion } from './domain-config.ts'
import type { Plan, PlannedTld } from './plan.ts'
import type { Steps } from './work-queue.ts'

/** Group of top-level domains that allow the same labels, with the best labels that the group allows. */
interface Group {
  readonly tlds: readonly PlannedTld[]
  readonly allows: (found: FoundLabel) => boolean
  readonly labels: BestOf<FoundLabel>
}

/**
 * Finds the best domain names without making all of them. Only combinations of the best labels and the best top-level domains can be among
 * the best names. So the work does not grow with the number of labels times the number of top-level domains.
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
   * Returns the best domain names, best first. The labels and the top-level domains of a group are sorted, best first. The first i labels
   * and the first j top-level domains form i * j names. The last of these names, which consists of the i-th label and the j-th top-level
   * domain, ranks behind the other names. So this last name can be among the best n names only if i * j is at most n.
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

/** Compares two labels in the same way as {@link compareSuggestions} compares the names that the labels form under one top-level domain. */
function compareLabels(a: FoundLabel, b: FoundLabel): number {
  if (a.points !== b.points) return b.points - a.points
  return compareTexts(a.idna.ascii, b.idna.ascii)
}

/** Compares two top-level domains in the same way as {@link compareSuggestions} compares the names that one label forms under them. */
function compareTlds(a: PlannedTld, b: PlannedTld): number {
  if (a.score !== b.score) return b.score - a.score
  return compareTexts(a.name, b.name)
}

function compareTexts(a: string, b: string): number {
  if (a.length !== b.length) return a.length - b.length
  return a < b ? -1 : a > b ? 1 : 0
}
