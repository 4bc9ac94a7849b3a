import { WHOLE_KEY } from '../../../engine/cache/read/repeated-values.ts'
import { percent, ratesOf } from '../../history/rates.ts'
import type { FieldFigures } from '../../telemetry/usage.ts'
import { aboutOf, gainOf, memoryOf, pointsText } from './advice-figures.ts'
import type { AdviceOptions, FieldOptions, NamedByFall, Recommendation } from './advice-options.ts'
import { runTimeSnippet, sdlOf } from './advice-texts.ts'
import { isSame, isWorthwhile, keyAdvice } from './key-advice.ts'
import { lifetimeAdvice } from './lifetime-advice.ts'
import { narrowerAdvice } from './narrower-advice.ts'

const MIN_UNCACHEABLE_SHARE = 0.1
/** A field is not worth caching below this hit rate, if at least half of its reads miss because of an invalidation. */
const MAX_USELESS_RATE = 0.05

/**
 * Returns what to change of one field. What is invalidated needlessly is narrowed; what else is invalidated before it is used again should not
 * be cached, and then no longer TTL helps.
 */
export function fieldAdvice(figures: FieldFigures, total: number, own: readonly NamedByFall[], options: AdviceOptions): Recommendation[] {
  const loadsPerSecond = (1000 * figures.loads) / Math.max(1, options.rangeMs)
  const given: FieldOptions = {
    ...options,
    figures,
    all: ratesOf(figures).reads,
    total,
    own,
    loadsPerSecond,
    entryBytes: figures.stored > 0 ? figures.storedBytes / figures.stored : options.entryBytes,
  }
  const narrower = narrowerAdvice(given)
  const useless = narrower.length === 0 ? uselessAdvice(given) : []
  const writes = narrower.length + useless.length === 0 ? fewerWritesAdvice(given) : []
  return [
    ...narrower,
    ...useless,
    ...writes,
    ...keyAdvice(given),
    ...(useless.length === 0 ? lifetimeAdvice(given) : []),
    ...policyAdvice(given),
  ]
}

function uselessAdvice({ figures, all, total, ruleOf, overrideOf, entryBytes, loadsPerSecond }: FieldOptions): readonly Recommendation[] {
  const { field, misses, stored, reused } = figures
  const { hits, hitRate } = ratesOf(figures)
  const rule = ruleOf(field)
  if (rule === undefined || hitRate === null || hitRate >= MAX_USELESS_RATE || misses.invalidated / all < 0.5) return []
  const memory = memoryOf({ perSecond: loadsPerSecond, l1: rule.values['l1'] ?? 0, l2: rule.values['l2'] ?? 0, entryBytes })
  const lost = (100 * hits) / total
  return [
    {
      code: 'do-not-cache',
      subject: field,
      finding: `${percent(misses.invalidated / all)} of the reads of ${field} miss because the value was invalidated, and only ${percent(hitRate)} are hits.`,
      evidence: { reads: all, hits, invalidated: misses.invalidated, stored, reused },
      change: `Do not cache ${field}: a value is invalidated before it is used again. At run time with POST /policies, and for good by removing its @cache.`,
      snippets: [runTimeSnippet(field, { l1: 0, l2: 0 }, overrideOf(field))],
      gain: { points: 0, text: `No points. It frees memory for other values: ${memory.text}.` },
      cost: {
        amount: lost,
        unit: 'points',
        text: `${pointsText(lost)} of the field hit rate: its ${hits.toLocaleString('en')} hits become misses.`,
      },
      about: aboutOf('invalidated', misses.invalidated, total),
    },
  ]
}

/** A fall because of writes that changed the values has no remedy in the schema. The reader must not search for one. */
function fewerWritesAdvice({ figures, total, own, ruleOf }: FieldOptions): readonly Recommendation[] {
  const fall = own.find(({ cause }) => cause === 'invalidated')
  if (!fall) return []
  const { field, misses, reloads, needlessReloads } = figures
  const necessary = misses.invalidated * (1 - needlessReloads / Math.max(1, reloads))
  const write = fall.write ?? 'the program that writes'
  return [
    {
      code: 'fewer-writes',
      subject: field,
      finding: `${percent(1 - needlessReloads / Math.max(1, reloads))} of the reloads of ${field} brought a new value, which no narrower dependency can avoid.${
        ruleOf(field) === undefined
          ? ' The others are needless only because a whole answer is voided with its parts: see the cards of its fields.'
          : ''
      }`,
      evidence: { reloads, needlessReloads, invalidated: misses.invalidated, ...(fall.write === undefined ? {} : { write }) },
      change: `Write less often: let ${write} collect its changes and write them in one transaction.`,
      snippets: [],
      gain: gainOf('Up to', necessary, total, 'How many of them depends on how many writes are left.'),
      cost: {
        amount: null,
        unit: 'seconds of staleness',
        text: 'A change of the writing program; nothing more is stored. No figure can exist: readers see a change as much later as that program delays its write, and the cache cannot know how long that will be.',
      },
      about: aboutOf('invalidated', necessary, total),
    },
  ]
}

const ADDED = { l1: 60, l2: 300 }

/** Advises a policy for a field without one, with the loads that it would have avoided, if this process has followed its values. */
function policyAdvice({
  figures,
  all,
  total,
  ruleOf,
  shapeOf,
  entities,
  simulated,
  entryBytes,
  loadsPerSecond,
}: FieldOptions): readonly Recommendation[] {
  const { field, misses, loads, loadMs } = figures
  const uncached = misses['not cacheable']
  if (uncached / all < MIN_UNCACHEABLE_SHARE) return []
  const rule = ruleOf(field)
  // An operator has turned its cache off.
  if (rule !== undefined && !rule.values['l1'] && !rule.values['l2']) return []
  const followed = simulated.repeats.find(({ policy, part }) => policy === field && part === WHOLE_KEY)
  // A value that differs depends on the caller, or on rows of other types. A policy for all callers would then give wrong answers.
  if (followed && !(isWorthwhile(followed) && isSame(followed))) return []
  const type = shapeOf(field)?.type
  const isOfEntity = type !== undefined && entities.has(type)
  const depends = field.includes('.') ? `, depends: [${isOfEntity ? `"${type}~"` : '…'}]` : ''
  const directive = `@cache(${sdlOf(ADDED)}, scope: TENANT${depends})`
  const memory = memoryOf({ perSecond: loadsPerSecond, ...ADDED, entryBytes })
  const isComplete = depends === '' || isOfEntity
  const check = isComplete
    ? 'In development, a load that reads another table fails and names it.'
    : 'Name in depends what the field is computed from.'
  const hits = followed ? (uncached * followed.repeated) / followed.loads : uncached
  const more = followed
    ? `So many loads returned the value that was loaded at most ${ADDED.l2} s before, in this process.`
    : 'The first read of each value still misses.'
  return [
    {
      code: 'add-policy',
      subject: field,
      finding: `${percent(uncached / all)} of the reads of ${field} cannot be cached.`,
      evidence: {
        reads: all,
        notCacheable: uncached,
        meanLoadMs: loads === 0 ? 0 : Number((loadMs / loads).toFixed(2)),
        ...(followed
          ? {
              comparedLoads: Math.round(followed.loads),
              repeatedValues: Math.round(followed.repeated),
              differentValues: Math.round(followed.differing),
            }
          : {}),
      },
      change: rule ? `Correct the triggers of its type: see GET /namespaces.` : `Add ${directive} to ${field}. ${check}`,
      snippets: rule || !isComplete ? [] : [{ where: `on ${field}`, text: directive }],
      gain: gainOf(followed && isComplete ? 'About' : 'Up to', hits, total, more),
      cost: { amount: memory.bytes, unit: 'bytes', text: `Memory: ${memory.text}.` },
      about: aboutOf('not cacheable', uncached, total),
    },
  ]
}
