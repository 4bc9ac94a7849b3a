import { percent } from '../../history/rates.ts'
import type { FieldFigures } from '../../telemetry/usage.ts'
import type { Report } from '../contract.ts'
import { pointsText } from './advice-figures.ts'
import type { Recommendation } from './advice-options.ts'

type Cause = keyof FieldFigures['misses']

export interface MissingPointsOptions {
  readonly fields: readonly FieldFigures[]
  readonly recommendations: readonly Recommendation[]
  readonly isWarming: boolean
}

/** Points below which a rest is not explained: it is lost in rounding. */
const MIN_REST = 0.005

/**
 * Says for each cause of misses how many points of the hit rate it costs, how many of them a recommendation is about, and why nothing can be done about
 * the others. Those that cost most come first.
 */
export function missingPoints({ fields, recommendations, isWarming }: MissingPointsOptions): Report['missing'] {
  const count = (of: (field: FieldFigures) => number) => fields.reduce((sum, field) => sum + of(field), 0)
  const total = count(({ reads }) => Object.values(reads).reduce((sum, one) => sum + one, 0))
  const causes = [...new Set(fields.flatMap(({ misses }) => Object.keys(misses) as Cause[]))]
  const found = causes.flatMap((cause) => {
    const misses = count((field) => field.misses[cause])
    if (misses === 0) return []
    const points = (100 * misses) / total
    const advised = recommendations.reduce((sum, { about }) => sum + (about.cause === cause ? about.points : 0), 0)
    const covered = Math.min(points, advised)
    const rest = points - covered
    const text = rest < MIN_REST ? 'A card is about all of them.' : `The other ${pointsText(rest)}: ${whyOf(cause, { count, isWarming })}`
    return [
      { cause, points, covered, text: covered < MIN_REST && rest >= MIN_REST ? `No card: ${whyOf(cause, { count, isWarming })}` : text },
    ]
  })
  return found.toSorted((a, b) => b.points - a.points)
}

interface Reasons {
  readonly count: (of: (field: FieldFigures) => number) => number
  readonly isWarming: boolean
}

/** Says why there is no recommendation about misses of a cause. */
function whyOf(cause: Cause, { count, isWarming }: Reasons): string {
  switch (cause) {
    case 'invalidated': {
      const [reloads, needless] = [count((field) => field.reloads), count((field) => field.needlessReloads)]
      const [whole, ofRow] = [
        'Whole answers are voided with their parts, so a card about a part helps them, too.',
        'Each field of a row keeps the tag of the row by design.',
      ]
      if (needless === 0) return `writes changed what these reads need, so a hit would have been a stale answer. ${whole}`
      return `${percent(1 - needless / reloads)} of all reloads brought a new value, where a hit would have been a stale answer. The others returned the same value, but no declaration can be narrower: ${whole.replace('W', 'w')} ${ofRow}`
    }
    case 'cold':
      return isWarming
        ? 'the first reads of their keys. Warming is on, and what nobody has read before cannot be warmed.'
        : 'the first reads of their keys, too few for a warm-up to be worth its loads.'
    case 'expired':
      return 'in fields that rarely read an expired value or that have the longest TTL, and in whole answers, which end with their parts.'
    case 'evicted':
      return 'more memory would gain less than 0.1 points.'
    case 'not cacheable':
      return 'values of fields without a policy that are a small part of their reads, or whose table is not watched.'
    case 'bypassed':
      return 'the reader asked past the cache, by a header or a strict read. This is meant.'
    case 'shed':
      return 'loads that were dropped because of too much work.'
  }
}
