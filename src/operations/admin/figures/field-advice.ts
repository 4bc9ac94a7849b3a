import { percent, ratesOf } from '../../history/rates.ts'
import type { FieldFigures } from '../../telemetry/usage.ts'
import type { ChangePoliciesInput } from '../contract.ts'
import { BASE_PATH } from '../openapi.ts'
import { aboutOf, gainOf, memoryOf, pointsText } from './advice-figures.ts'
import type { AdviceOptions, FieldOptions, NamedByFall, Recommendation } from './advice-options.ts'
import { narrowerAdvice } from './narrower-advice.ts'

const MIN_EXPIRED_SHARE = 0.05
/** Share of the reads of all fields from which misses get a recommendation, however many reads the field has: 0.1 points. */
const MIN_SHARE_OF_ALL = 0.001
const MIN_UNCACHEABLE_SHARE = 0.1
/** A field is not worth caching below this hit rate, if at least half of its reads miss because of an invalidation. */
const MAX_USELESS_RATE = 0.05
const MAX_SECONDS = 30 * 24 * 60 * 60

/**
 * Returns what to change of one field. What is invalidated needlessly is narrowed; what else is invalidated before it is used again should not
 * be cached, and then no longer TTL helps.
 */
export function fieldAdvice(figures: FieldFigures, total: number, own: readonly NamedByFall[], options: AdviceOptions): Recommendation[] {
  const loadsPerSecond = (1000 * figures.loads) / Math.max(1, options.rangeMs)
  const given: FieldOptions = { ...options, figures, all: ratesOf(figures).reads, total, own, loadsPerSecond }
  const narrower = narrowerAdvice(given)
  const useless = narrower.length === 0 ? uselessAdvice(given) : []
  const writes = narrower.length + useless.length === 0 ? fewerWritesAdvice(given) : []
  return [...narrower, ...useless, ...writes, ...(useless.length === 0 ? ttlAdvice(given) : []), ...policyAdvice(given)]
}

function uselessAdvice({ figures, all, total, ruleOf, entryBytes, loadsPerSecond }: FieldOptions): readonly Recommendation[] {
  const { field, misses } = figures
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
      evidence: { reads: all, hits, invalidated: misses.invalidated },
      change: `Do not cache ${field}: a value is invalidated before it is used again. At run time with POST /policies, and for good by removing its @cache.`,
      snippets: [
        {
          where: 'at run time, until it is reset',
          text: policiesCall({ set: [{ coordinate: field, values: { l1: 0, l2: 0 } }] }),
        },
      ],
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

function ttlAdvice({ figures, all, total, own, ruleOf, entryBytes, loadsPerSecond }: FieldOptions): readonly Recommendation[] {
  const { field, misses } = figures
  const rule = ruleOf(field)
  const isNamed = own.some(({ cause }) => cause === 'expired') && misses.expired > 0
  const isMuch = misses.expired / all >= MIN_EXPIRED_SHARE || misses.expired / total >= MIN_SHARE_OF_ALL
  if (rule === undefined || !(isMuch || isNamed)) return []
  const { values } = rule
  const levels = (['l1', 'l2'] as const).filter((name) => (values[name] ?? 0) > 0)
  const change = Object.fromEntries(levels.map((name) => [name, Math.min(MAX_SECONDS, 2 * (values[name] ?? 0))]))
  const more = (name: 'l1' | 'l2') => (change[name] ?? 0) - (values[name] ?? 0)
  if (more('l1') + more('l2') === 0) return []
  const memory = memoryOf({ perSecond: loadsPerSecond, l1: more('l1'), l2: more('l2'), entryBytes })
  // Nothing but the TTL ends a value without dependencies.
  const seconds = Math.max(more('l1'), more('l2'))
  const cost: Recommendation['cost'] =
    rule.depends?.length === 0
      ? {
          amount: seconds,
          unit: 'seconds of staleness',
          text: `Up to ${seconds.toLocaleString('en')} seconds more staleness, because no write invalidates it. Memory: ${memory.text}.`,
        }
      : {
          amount: memory.bytes,
          unit: 'bytes',
          text: `Memory: ${memory.text}. No answer gets older: writes still invalidate the values at once.`,
        }
  return [
    {
      code: 'longer-ttl',
      subject: field,
      finding: `${percent(misses.expired / all)} of the reads of ${field} miss because the TTL has ended.`,
      evidence: { reads: all, expired: misses.expired, l1: values['l1'] ?? 0, l2: values['l2'] ?? 0 },
      change: `Double the TTL of ${field}: at run time with POST /policies, and for good in @cache.`,
      snippets: [
        { where: `in @cache of ${field}`, text: sdlOf(change) },
        { where: 'at run time, until it is reset', text: policiesCall({ set: [{ coordinate: field, values: change }] }) },
      ],
      gain: gainOf('Up to', misses.expired / 2, total, 'A value that is read all the time expires half as often.'),
      cost,
      about: aboutOf('expired', misses.expired, total),
    },
  ]
}

const ADDED = { l1: 60, l2: 300 }

function policyAdvice({ figures, all, total, ruleOf, entryBytes, loadsPerSecond }: FieldOptions): readonly Recommendation[] {
  const { field, misses } = figures
  if (misses['not cacheable'] / all < MIN_UNCACHEABLE_SHARE) return []
  const hasPolicy = ruleOf(field) !== undefined
  const directive = `@cache(${sdlOf(ADDED)}, scope: TENANT)`
  const memory = memoryOf({ perSecond: loadsPerSecond, ...ADDED, entryBytes })
  return [
    {
      code: 'add-policy',
      subject: field,
      finding: `${percent(misses['not cacheable'] / all)} of the reads of ${field} cannot be cached.`,
      evidence: { reads: all, notCacheable: misses['not cacheable'] },
      change: hasPolicy ? `Correct the triggers of its type: see GET /namespaces.` : `Add ${directive} to ${field}.`,
      snippets: hasPolicy ? [] : [{ where: `on ${field}`, text: directive }],
      gain: gainOf('Up to', misses['not cacheable'], total, 'The first read of each value still misses.'),
      cost: { amount: memory.bytes, unit: 'bytes', text: `Memory: ${memory.text}.` },
      about: aboutOf('not cacheable', misses['not cacheable'], total),
    },
  ]
}

/** Returns values of a policy as arguments of `@cache`. */
function sdlOf(values: Readonly<Record<string, number>>): string {
  return Object.entries(values)
    .map(([name, value]) => `${name}: ${value}`)
    .join(', ')
}

/** Returns a command that changes policies at run time, with the variables of the command line. */
function policiesCall(body: ChangePoliciesInput): string {
  const headers = `-H "authorization: Bearer $TIDEGATE_TOKEN" -H 'content-type: application/json'`
  return `curl -s "$TIDEGATE_URL${BASE_PATH}/policies" ${headers} -d '${JSON.stringify(body)}'`
}
