import { LIFETIME_SCALES, type LifetimeCurve, type LifetimeKind } from '../../../engine/cache/memory/lifetime-curves.ts'
import { percent } from '../../history/rates.ts'
import { aboutOf, gainOf, memoryOf } from './advice-figures.ts'
import type { FieldOptions, Recommendation } from './advice-options.ts'
import { runTimeSnippet, sdlOf } from './advice-texts.ts'

const MIN_EXPIRED_SHARE = 0.05
/** Share of the reads of all fields from which misses get a recommendation, however many reads the field has: 0.1 points. */
const MIN_SHARE_OF_ALL = 0.001
const MAX_SECONDS = 30 * 24 * 60 * 60
/** Minimum number of sampled reads for a simulation to be believed, and of reads of an expired copy for it to advise something. */
const MIN_SIMULATED = 50
const MIN_SAMPLED = 20
/** A TTL is long enough if it avoids this share of what the longest one avoids. */
const WORTHWHILE_SHARE = 0.9

/** Arguments of `@cache` that set each TTL. */
const ARGUMENTS: Readonly<Record<LifetimeKind, readonly string[]>> = { ttl: ['l1', 'l2'], negative: ['negative'], popular: ['popular'] }
const WORDS: Readonly<Record<LifetimeKind, { readonly code: string; readonly ttl: string; readonly values: string }>> = {
  ttl: { code: 'longer-ttl', ttl: 'TTL', values: 'value' },
  negative: { code: 'longer-negative-ttl', ttl: 'TTL of a null', values: 'null' },
  popular: { code: 'longer-popular-ttl', ttl: 'TTL of a popular value', values: 'popular value' },
}

type Values = Readonly<Record<string, number>>

/** A TTL that is too short, and a longer one. */
interface Longer {
  readonly kind: LifetimeKind
  /** Misses because of this TTL in the time range, and those that the longer one avoids. */
  readonly expired: number
  readonly avoided: number
  readonly values: Values
  /** Sentence about how the gain is known. */
  readonly more: string
  readonly isSimulated: boolean
}

/**
 * Advises the smallest longer TTL that avoids most of the misses that any longer one avoids, by the simulation of this process. Without a simulation
 * it advises twice the TTL: a value that is read all the time then expires half as often.
 */
export function lifetimeAdvice(options: FieldOptions): readonly Recommendation[] {
  const { figures, all, total, own, ruleOf, simulated } = options
  const { field, misses } = figures
  const rule = ruleOf(field)
  const isNamed = own.some(({ cause }) => cause === 'expired') && misses.expired > 0
  const isMuch = misses.expired / all >= MIN_EXPIRED_SHARE || misses.expired / total >= MIN_SHARE_OF_ALL
  if (rule === undefined || !(isMuch || isNamed)) return []
  const curves = simulated.lifetimes.filter(({ policy }) => policy === field)
  const sampled = curves.reduce((sum, { expired }) => sum + (expired[0] ?? 0), 0)
  const reads = curves.reduce((sum, curve) => sum + curve.reads, 0)
  if (sampled < MIN_SAMPLED && (reads >= MIN_SIMULATED || misses.expired < MIN_SAMPLED) && !isNamed) return []
  const found =
    sampled < MIN_SAMPLED
      ? [doubled(misses.expired, rule.values)]
      : curves.map((curve) => longerOf(curve, (misses.expired * (curve.expired[0] ?? 0)) / sampled, rule.values))
  const worthwhile = found
    .filter((one) => one !== undefined)
    .filter(({ avoided, isSimulated }) => !isSimulated || avoided / total >= MIN_SHARE_OF_ALL)
  // A card must not undo another one of the same field, in whatever order they are followed.
  const maxima = maximaOf(worthwhile.map(({ values }) => values))
  return worthwhile.map((one) =>
    cardOf({ ...one, values: Object.fromEntries(Object.keys(one.values).map((name) => [name, maxima[name] ?? 0])) }, maxima, options),
  )
}

/** Returns the greatest value of each name. */
function maximaOf(given: readonly Values[]): Values {
  const maxima: Record<string, number> = {}
  for (const [name, seconds] of given.flatMap(Object.entries<number>)) maxima[name] = Math.max(seconds, maxima[name] ?? 0)
  return maxima
}

function longerOf({ kind, expired }: LifetimeCurve, misses: number, values: Values): Longer | undefined {
  const now = expired[0] ?? 0
  if (now === 0) return undefined
  const candidates = LIFETIME_SCALES.map((scale, index) => ({
    values: scaled(kind, values, scale),
    avoided: 1 - (expired[index] ?? now) / now,
  })).slice(1)
  const possible = candidates.filter((one) => one.values !== undefined)
  const most = Math.max(0, ...possible.map(({ avoided }) => avoided))
  const chosen = possible.find(({ avoided }) => avoided > 0 && avoided >= WORTHWHILE_SHARE * most)
  if (chosen?.values === undefined) return undefined
  const more = `A simulation of this process with a sample of its keys avoids ${percent(chosen.avoided)} of these misses by it, and ${percent(most)} by the longest TTL.`
  return { kind, expired: misses, avoided: misses * chosen.avoided, values: chosen.values, more, isSimulated: true }
}

function doubled(misses: number, values: Values): Longer | undefined {
  const twice = scaled('ttl', values, 2)
  const more = 'A value that is read all the time expires half as often.'
  return twice && { kind: 'ttl', expired: misses, avoided: misses / 2, values: twice, more, isSimulated: false }
}

/**
 * Returns the TTLs of a kind, each multiplied; undefined if that is more than a TTL may be. The TTL of popular values is raised with that of the others,
 * because it must not be shorter.
 */
function scaled(kind: LifetimeKind, values: Values, scale: number): Values | undefined {
  const given = ARGUMENTS[kind].filter((name) => (values[name] ?? 0) > 0)
  const change = Object.fromEntries(given.map((name) => [name, Math.min(MAX_SECONDS, scale * (values[name] ?? 0))]))
  const longest = Math.max(0, ...given.map((name) => values[name] ?? 0))
  if (given.length === 0 || longest >= MAX_SECONDS || (scale > 2 && longest * scale > MAX_SECONDS)) return undefined
  const { l2 = 0 } = change
  const { popular = 0 } = values
  return kind === 'ttl' && popular > 0 && popular < l2 ? { ...change, popular: l2 } : change
}

/** @param maxima Values of all cards of the field. */
function cardOf(
  { kind, expired, avoided, values, more, isSimulated }: Longer,
  maxima: Values,
  { figures, all, total, ruleOf, overrideOf, entryBytes, loadsPerSecond }: FieldOptions,
) {
  const { field } = figures
  const before = ruleOf(field)
  const words = WORDS[kind]
  const added = Object.entries(values).map(([name, seconds]) => [name, seconds - (before?.values[name] ?? 0)] as const)
  const [l1, l2] = ['l1', 'l2'].map((name) => added.find(([own]) => own === name)?.[1] ?? (kind === 'ttl' ? 0 : (added[0]?.[1] ?? 0))) as [
    number,
    number,
  ]
  const perSecond = loadsPerSecond * (expired / Math.max(1, figures.misses.expired))
  const memory = memoryOf({ perSecond, l1, l2, entryBytes })
  // Nothing but the TTL ends a value without dependencies.
  const seconds = Math.max(...added.map(([, more]) => more))
  const cost: Recommendation['cost'] =
    before?.depends?.length === 0
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
  const present = Object.fromEntries(Object.keys(values).map((name) => [name, before?.values[name] ?? 0]))
  return {
    code: words.code,
    subject: field,
    finding: `${percent(expired / all)} of the reads of ${field} miss because the ${words.ttl} has ended.`,
    evidence: {
      reads: all,
      expired: Math.round(expired),
      ...(kind === 'ttl' ? { l1: before?.values['l1'] ?? 0, l2: before?.values['l2'] ?? 0 } : present),
    },
    change: isSimulated
      ? `Set ${sdlOf(values)} in @cache of ${field}, so that a ${words.values} is still there when it is read again: at run time with POST /policies, and for good in the schema.`
      : `Double the TTL of ${field}: at run time with POST /policies, and for good in @cache.`,
    snippets: [{ where: `in @cache of ${field}`, text: sdlOf(values) }, runTimeSnippet(field, values, { ...overrideOf(field), ...maxima })],
    gain: gainOf(isSimulated ? 'About' : 'Up to', avoided, total, more),
    cost,
    about: aboutOf('expired', expired, total),
  } satisfies Recommendation
}
