import { type RepeatedLoads, WHOLE_KEY } from '../../../engine/cache/read/repeated-values.ts'
import { percent } from '../../history/rates.ts'
import { aboutOf, gainOf } from './advice-figures.ts'
import type { FieldOptions, Recommendation } from './advice-options.ts'

/** Minimum number of loads in the sample that a key without the part would have avoided. */
const MIN_REPEATED = 20
/** Minimum share of the loads that it would have avoided. */
const MIN_REPEATED_SHARE = 0.2
/** Maximum share of different values among those that were compared. A few come from writes that the process has not applied yet. */
const MAX_DIFFERING_SHARE = 0.005
/** Minimum share of the reads of all fields that it would turn into hits: 0.1 points. */
const MIN_SHARE_OF_ALL = 0.001

/**
 * Advises to leave out of the key what makes no difference to the value: an argument with which each key is new, or a scope that is narrower than
 * what the load depends on.
 */
export function keyAdvice(options: FieldOptions): readonly Recommendation[] {
  const { figures, total, ruleOf, simulated } = options
  const { field, misses } = figures
  if (ruleOf(field) === undefined) return []
  const missed = misses.cold + misses.expired + misses.invalidated + misses.evicted
  const found = simulated.repeats
    .filter((row) => row.policy === field && row.part !== WHOLE_KEY && isWorthwhile(row) && isSame(row))
    .map((row) => ({ row, hits: (missed * row.repeated) / row.loads }))
    .filter(({ hits }) => hits / total >= MIN_SHARE_OF_ALL)
    .toSorted((a, b) => b.hits - a.hits)
  // Without the first part, the others may make a difference.
  const [first] = found
  return first ? [first.row.part === 'scope' ? scopeCard(first, options) : argumentCard(first, options)] : []
}

/** Whether enough loads would have been avoided for a recommendation. */
export function isWorthwhile({ loads, repeated }: RepeatedLoads): boolean {
  return repeated >= MIN_REPEATED && repeated / loads >= MIN_REPEATED_SHARE
}

/** Whether nearly all values that were compared are equal. */
export function isSame({ repeated, differing }: RepeatedLoads): boolean {
  return differing <= MAX_DIFFERING_SHARE * (repeated + differing)
}

interface Found {
  readonly row: RepeatedLoads
  readonly hits: number
}

function argumentCard({ row, hits }: Found, options: FieldOptions): Recommendation {
  const { field } = options.figures
  const name = row.part.replace('argument ', '')
  return {
    code: 'fewer-arguments',
    subject: field,
    finding: `The argument ${name} makes keys of ${field} new without changing the value: ${percent(row.repeated / row.loads)} of its loads returned what a key without ${name} would have held.`,
    evidence: { ...evidenceOf(row), argument: name },
    change: `Take the argument ${name} off ${field}, or let clients leave it out: it is part of the key, and no value depended on it. If some value must depend on it, let clients send rounded values.`,
    snippets: [{ where: `argument to take off ${field}`, text: name }],
    gain: gainOf(
      'About',
      hits,
      options.total,
      'Each of these loads was compared with the value that was cached for other values of the argument.',
    ),
    cost: {
      amount: 0,
      unit: 'bytes',
      text: `None in the cache: fewer entries are stored. Clients that send ${name} must change. That no value depended on it so far is no proof: check the load of ${field}.`,
    },
    about: aboutOf('cold', hits, options.total),
  }
}

function scopeCard({ row, hits }: Found, options: FieldOptions): Recommendation {
  const { field } = options.figures
  const scope = options.ruleOf(field)?.scope ?? 'USER'
  return {
    code: 'wider-scope',
    subject: field,
    finding: `${field} is cached for each ${scope === 'ROLE' ? 'role' : 'user'}, but ${percent(row.repeated / row.loads)} of its loads returned the value that another caller of the same tenant had.`,
    evidence: { ...evidenceOf(row), scope },
    change: `Set scope: TENANT in @cache of ${field}, after a look at its load: with this scope it gets neither the user nor the role, so it cannot depend on them.`,
    snippets: [{ where: `in @cache of ${field}, after the check`, text: 'scope: TENANT' }],
    gain: gainOf('About', hits, options.total, 'Each of these loads was compared with the value that was cached for other callers.'),
    cost: {
      amount: null,
      unit: 'bytes',
      text: 'None in the cache: fewer entries are stored. But all callers of a tenant then get the same value: check that all of them may see it. That no value differed so far is no proof.',
    },
    about: aboutOf('cold', hits, options.total),
  }
}

function evidenceOf({ loads, repeated, differing }: RepeatedLoads): Record<string, number> {
  return { comparedLoads: Math.round(loads), repeatedValues: Math.round(repeated), differentValues: Math.round(differing) }
}
