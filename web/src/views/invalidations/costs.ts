import type { Invalidation, WriteCost, WriteCosts } from '../../../../src/operations/admin/contract.ts'
import { count, duration } from '../../format/format.ts'

type Known = Pick<WriteCost, 'voidedEntries' | 'waitingEntries' | 'reloads' | 'needlessReloads' | 'loadMs' | 'answers'>

/** Cost of one cause, such as a mutation. */
export interface CauseCost extends Pick<WriteCost, 'cause' | 'writes' | 'rows' | 'tags' | 'appliedP50Ms' | 'appliedMaxMs'> {
  /** Entries and reloads; null if they are not known, because they are counted for all tenants together. */
  readonly known: Known | null
  /** The fields that were reloaded, those that took most time first. */
  readonly fields: WriteCost['fields']
}

export interface TagCount {
  readonly tag: string
  readonly writes: number
  /** Cause of most of the rows with the tag. */
  readonly mainCause: string
}

export const UNKNOWN_CAUSE = 'a write of unknown cause'

/**
 * Returns the costs of an answer of the management API. If reloads of the time range belong to no write, a write without any may have caused
 * them: its cost is not known, rather than 0.
 */
export function costsOf({ writes, uncounted }: Pick<WriteCosts, 'writes' | 'uncounted'>): readonly CauseCost[] {
  return writes.map((cost) => ({ ...cost, known: uncounted && cost.reloads + cost.answers === 0 ? null : cost }))
}

/** Returns what is known of the cost of each cause from some rows of the log, those that emitted most tags first. */
export function costsByCause(rows: readonly Invalidation[]): readonly CauseCost[] {
  const byCause = new Map<string, Invalidation[]>()
  for (const row of rows) for (const cause of namesOf(row.causes)) byCause.set(cause, [...(byCause.get(cause) ?? []), row])
  const costs = [...byCause].map(([cause, its]): CauseCost => {
    const lags = its.flatMap(({ lagMs }) => lagMs ?? []).sort((a, b) => a - b)
    return {
      cause,
      writes: its.length,
      rows: its.length,
      tags: its.reduce((sum, { tagCount }) => sum + tagCount, 0),
      appliedP50Ms: lags[Math.ceil(lags.length / 2) - 1] ?? null,
      appliedMaxMs: lags.at(-1) ?? null,
      known: null,
      fields: [],
    }
  })
  return costs.sort((a, b) => b.tags - a.tags || b.writes - a.writes)
}

/**
 * Returns what one row of the log with a cause cost: exactly if there was one only, and else the mean of all of the time range; undefined if it is
 * not known.
 */
export function costOfOne({ rows, known }: CauseCost): string | undefined {
  if (!known || rows === 0) return undefined
  const { voidedEntries, reloads, loadMs } = known
  const each = (sum: number) => Math.round((10 * sum) / rows) / 10
  const amount = (sum: number, one: string, more: string) => `${fewDigits(each(sum))} ${each(sum) === 1 ? one : more}`
  const cost = `${amount(voidedEntries, 'entry', 'entries')} voided, ${amount(reloads, 'reload', 'reloads')}, ${duration(loadMs / rows)} of database time`
  return rows === 1 ? cost : `${cost} (mean of ${count(rows)} rows like it)`
}

/** Returns the field that a cause voided most, with the operations that read it; undefined if nothing is known. */
export function mainFieldOf({ fields }: CauseCost): string | undefined {
  const named = fields.filter(({ reloads }) => reloads > 0)
  const [most] = named.toSorted((a, b) => b.reloads - a.reloads)
  return most && fieldText(most)
}

/** Returns how often a field was reloaded, and which operations read it. */
export function fieldText({ field, reloads, loadMs, operations }: WriteCost['fields'][number]): string {
  const readers = operations.length === 0 ? '' : `, read by ${operations.join(', ')}`
  return `${field} ${count(reloads)} (${duration(loadMs)})${readers}`
}

function fewDigits(value: number): string {
  return value >= 10 ? count(Math.round(value)) : String(value)
}

/** Returns the cost of a cause in a sentence. */
export function costSentence({ writes, tags, known, appliedP50Ms, appliedMaxMs }: CauseCost): string {
  const wrote = writes === 0 ? 'An earlier write' : `${many(writes, 'write')} with ${many(tags, 'tag')}`
  const applied =
    appliedP50Ms === null
      ? ''
      : ` Half of the writes were applied within ${duration(appliedP50Ms)}, the slowest within ${duration(appliedMaxMs)}.`
  if (!known) return `${wrote}.${applied}`
  const { voidedEntries, reloads, needlessReloads, answers, loadMs } = known
  if (voidedEntries === 0) return `${wrote} voided no cached entry that is known.${applied}`
  const voided = `${wrote} voided ${voidedEntries === 1 ? '1 cached entry' : `${count(voidedEntries)} cached entries`}.`
  if (reloads === 0) return `${voided} Nothing was loaded again from the database so far.${applied}`
  const needless = needlessReloads === 0 ? '' : `, ${count(needlessReloads)} of them needless,`
  const composed =
    answers === 0 ? '' : ` From these values ${many(answers, 'whole answer')} ${answers === 1 ? 'was' : 'were'} composed again.`
  return `${voided} ${many(reloads, 'reload')} of fields followed${needless} and took ${duration(loadMs)} of database time.${composed}${applied}`
}

function many(number: number, name: string): string {
  return `${count(number)} ${name}${number === 1 ? '' : 's'}`
}

/** Returns the tags that were invalidated most often. */
export function topTags(rows: readonly Invalidation[], limit: number): TagCount[] {
  const counts = new Map<string, Map<string, number>>()
  for (const { causes, tags } of rows) {
    const [cause = UNKNOWN_CAUSE] = causes
    for (const tag of tags) {
      const ofTag = counts.get(tag) ?? new Map<string, number>()
      ofTag.set(cause, (ofTag.get(cause) ?? 0) + 1)
      counts.set(tag, ofTag)
    }
  }
  return [...counts]
    .map(([tag, causes]) => ({
      tag,
      writes: [...causes.values()].reduce((sum, count) => sum + count, 0),
      mainCause: [...causes].reduce((most, next) => (next[1] > most[1] ? next : most))[0],
    }))
    .sort((a, b) => b.writes - a.writes || a.tag.localeCompare(b.tag))
    .slice(0, limit)
}

function namesOf(causes: readonly string[]): readonly string[] {
  return causes.length === 0 ? [UNKNOWN_CAUSE] : causes
}
