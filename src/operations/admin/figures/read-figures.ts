import { ratesOf } from '../../history/rates.ts'
import { type FieldFigures, NO_MISSES, NO_READS, type TenantFigures } from '../../telemetry/usage.ts'
import type { Stats } from '../contract.ts'
import { RequestProblem } from '../request-problem.ts'

type ReadFigures = Stats['figures']
type Counted = Omit<FieldFigures, 'row' | 'field'>

const NOTHING: Counted = {
  reads: NO_READS,
  misses: NO_MISSES,
  loads: 0,
  failedLoads: 0,
  loadMs: 0,
  savedMs: 0,
  reloads: 0,
  needlessReloads: 0,
  stored: 0,
  storedBytes: 0,
  reused: 0,
}

const UNITS = { m: 60_000, h: 3_600_000, d: 86_400_000 } as const

/** Returns the time range that a request names, Unix epoch ms. @param now Current time, Unix epoch ms. */
export function rangeOf({ window, until }: { readonly window: string; readonly until?: string | undefined }, now: number) {
  const unit = window.at(-1) as keyof typeof UNITS
  const to = until === undefined ? now : Date.parse(until)
  const from = to - Number(window.slice(0, -1)) * UNITS[unit]
  if (from < 0) throw new RequestProblem('BAD_USER_INPUT', 'window', 'the time range begins before 1970: name a shorter one.')
  return { from, to }
}

export function isoRange({ from, to }: { readonly from: number; readonly to: number }) {
  return { from: new Date(from).toISOString(), to: new Date(to).toISOString() }
}

/** Returns the sum of the figures of all fields. */
export function sumOf(fields: readonly Counted[]): Counted {
  return fields.reduce(
    (sum, one) => ({
      reads: added(sum.reads, one.reads),
      misses: added(sum.misses, one.misses),
      loads: sum.loads + one.loads,
      failedLoads: sum.failedLoads + one.failedLoads,
      loadMs: sum.loadMs + one.loadMs,
      savedMs: sum.savedMs + one.savedMs,
      reloads: sum.reloads + one.reloads,
      needlessReloads: sum.needlessReloads + one.needlessReloads,
      stored: sum.stored + one.stored,
      storedBytes: sum.storedBytes + one.storedBytes,
      reused: sum.reused + one.reused,
    }),
    NOTHING,
  )
}

/** Returns figures in the form in which the API shows them. */
export function shown(figures: Counted): ReadFigures {
  const { reads, misses, loads, failedLoads, loadMs, savedMs, reloads, needlessReloads, stored, storedBytes, reused } = figures
  const { failed: _, ...layers } = reads
  return {
    ...ratesOf(figures),
    layers,
    misses,
    loads,
    failedLoads,
    loadMs,
    savedMs,
    reloads,
    needlessReloads,
    stored,
    reused,
    reuseShare: stored === 0 ? null : Math.min(1, reused / stored),
    meanBytes: stored === 0 ? null : storedBytes / stored,
  }
}

/** Returns the figures of one tenant. Reads of fields are not counted by tenant. */
export function ofTenant({ savedMs }: Pick<TenantFigures, 'savedMs'>): ReadFigures {
  return shown({ ...NOTHING, savedMs })
}

/** Returns how many answers did not wait for the database. Refused requests are no answers. */
export function answerRates(answers: TenantFigures['answers']) {
  const { 'at hand': atHand, l1, l2, parts, coalesced, stale, origin, bypassed, shed } = answers
  const hits = atHand + l1 + l2 + parts + stale
  const reads = hits + coalesced + origin + bypassed + shed
  return { reads, hits, share: reads === 0 ? null : hits / reads }
}

/** Returns the sums of counts by name. */
export function added<Name extends string>(
  one: Readonly<Record<Name, number>>,
  other: Readonly<Record<Name, number>>,
): Record<Name, number> {
  return Object.fromEntries(Object.entries<number>(one).map(([name, count]) => [name, count + (other[name as Name] ?? 0)])) as Record<
    Name,
    number
  >
}
