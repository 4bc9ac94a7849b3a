import { percent, ratesOf } from '../../history/rates.ts'
import type { FieldFigures } from '../../telemetry/usage.ts'
import type { ChangePoliciesInput } from '../contract.ts'
import { BASE_PATH } from '../openapi.ts'
import { gainOf, memoryOf, pointsText } from './advice-figures.ts'
import type { AdviceOptions, NamedByFall, Recommendation } from './advice-options.ts'
import { dependsLine, narrowerDepends } from './narrower-depends.ts'

interface FieldOptions extends AdviceOptions {
  readonly figures: FieldFigures
  /** Reads of the field, and of all fields. */
  readonly all: number
  readonly total: number
  /** Falls that name the field. */
  readonly own: readonly NamedByFall[]
  /** Loads a second. */
  readonly loadsPerSecond: number
}

const MIN_EXPIRED_SHARE = 0.05
const MIN_NEEDLESS_SHARE = 0.3
const MIN_NEEDLESS = 20
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

function narrowerAdvice({ figures, total, own, tags, ruleOf, dimensionsOf }: FieldOptions): readonly Recommendation[] {
  const { field, misses, reloads, needlessReloads } = figures
  const isNeedless = ({ reloads, needlessReloads }: Pick<NamedByFall, 'reloads' | 'needlessReloads'>) =>
    needlessReloads > 0 && needlessReloads / reloads >= MIN_NEEDLESS_SHARE
  const fall = own.find((one) => one.cause === 'invalidated' && isNeedless(one))
  if (!fall && !(isNeedless(figures) && needlessReloads >= MIN_NEEDLESS)) return []
  if (needlessReloads === 0) return []
  const [worst] = tags.filter((tag) => tag.field === field).toSorted((a, b) => b.needlessReloads - a.needlessReloads)
  const writtenType = fall?.tags.map((tag) => /^[^:]+:([A-Za-z0-9]+)/.exec(tag)?.[1]).find((type) => type !== undefined)
  const type = worst ? worst.tag.replace(/[^A-Za-z0-9].*$/, '') : writtenType
  const written = ruleOf(field)?.depends
  const isUnused = worst !== undefined && worst.reloads > 0 && worst.needlessReloads === worst.reloads
  const narrower =
    type === undefined
      ? {
          change: `Find the item of @cache(depends:) of ${field} that is too wide: no tag is known that caused its reloads.`,
          depends: undefined,
          isDone: false,
        }
      : narrowerDepends({ field, depends: written, type, isUnused, dimensions: dimensionsOf(type) })
  // A reload that nobody waited for is no miss, so the share of the reloads is applied to the misses.
  const gained = misses.invalidated * (needlessReloads / reloads)
  const share = percent(needlessReloads / reloads)
  const finding = fall
    ? `${percent(fall.needlessReloads / fall.reloads)} of the reloads of ${field} returned the value that had been invalidated while the field hit rate fell (${share} in the whole time range).${fall.write === undefined ? '' : ` They were caused by ${fall.write}.`}`
    : `${share} of the reloads of ${field} returned the value that had been invalidated.`
  const inFall = fall
    ? ` In the lowest step of the fall it is up to ${pointsText(fall.points * (fall.needlessReloads / fall.reloads))}.`
    : ''
  return [
    {
      code: 'narrower-depends',
      subject: field,
      finding,
      evidence: {
        reloads,
        needlessReloads,
        ...(worst ? { tag: worst.tag, needlessReloadsOfTag: worst.needlessReloads } : {}),
        ...(fall?.write === undefined ? {} : { write: fall.write }),
      },
      change: narrower.change,
      snippets:
        narrower.depends === undefined
          ? []
          : [
              {
                where: narrower.isDone ? `already in @cache of ${field} in this process` : `in @cache of ${field}`,
                text: dependsLine(narrower.depends),
              },
            ],
      gain: gainOf('Up to', gained, total, `The reachable rate rises as much.${inFall}`),
      cost: { amount: 0, unit: 'bytes', text: 'None: nothing more is stored, and no answer gets older. It is a change of the schema.' },
    },
  ]
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
    },
  ]
}

/** A fall because of writes that changed the values has no remedy in the schema. The reader must not search for one. */
function fewerWritesAdvice({ figures, total, own }: FieldOptions): readonly Recommendation[] {
  const fall = own.find(({ cause }) => cause === 'invalidated')
  if (!fall) return []
  const { field, misses, reloads, needlessReloads } = figures
  const necessary = misses.invalidated * (1 - needlessReloads / Math.max(1, reloads))
  const write = fall.write ?? 'the program that writes'
  return [
    {
      code: 'fewer-writes',
      subject: field,
      finding: `The values of ${field} were new after most invalidations, so its dependencies are not too wide.`,
      evidence: { reloads, needlessReloads, invalidated: misses.invalidated, ...(fall.write === undefined ? {} : { write }) },
      change: `Write less often: let ${write} collect its changes and write them in one transaction.`,
      snippets: [],
      gain: gainOf('Up to', necessary, total, 'How many of them depends on how many writes are left.'),
      cost: {
        amount: null,
        unit: 'seconds of staleness',
        text: 'A change of the writing program; nothing more is stored. No figure can exist: readers see a change as much later as that program delays its write, and the cache cannot know how long that will be.',
      },
    },
  ]
}

function ttlAdvice({ figures, all, total, own, ruleOf, entryBytes, loadsPerSecond }: FieldOptions): readonly Recommendation[] {
  const { field, misses } = figures
  const rule = ruleOf(field)
  const isNamed = own.some(({ cause }) => cause === 'expired') && misses.expired > 0
  if (rule === undefined || (misses.expired / all < MIN_EXPIRED_SHARE && !isNamed)) return []
  const { values } = rule
  const levels = (['l1', 'l2'] as const).filter((name) => (values[name] ?? 0) > 0)
  const change = Object.fromEntries(levels.map((name) => [name, Math.min(MAX_SECONDS, 2 * (values[name] ?? 0))]))
  const more = (name: 'l1' | 'l2') => (change[name] ?? 0) - (values[name] ?? 0)
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
