import type { Percentiles } from '../../telemetry/duration-window.ts'
import type { Awaited, WaitingTimes } from '../../telemetry/waiting-times.ts'
import type { InstanceDetails } from '../instances/instance-registry.ts'

export type Waiting = NonNullable<InstanceDetails['waiting']>
export type Judged = Exclude<Awaited, 'eventLoop'>

/** Durations from which something is worth a look, ms. */
interface Limits {
  /** Median from which it is slow if it is usually three times faster. */
  readonly p50Ms: number
  /** 99th percentile from which it is slow if it is usually three times faster. */
  readonly p99Ms: number
  /** Median and 99th percentile from which it is slow, whatever is usual. */
  readonly always: { readonly p50Ms: number; readonly p99Ms: number }
}

export const LIMITS: Readonly<Record<Judged, Limits>> = {
  redis: { p50Ms: 5, p99Ms: 50, always: { p50Ms: 20, p99Ms: 200 } },
  statement: { p50Ms: 25, p99Ms: 250, always: { p50Ms: 100, p99Ms: 1000 } },
  connection: { p50Ms: 25, p99Ms: 250, always: { p50Ms: 100, p99Ms: 1000 } },
}

/** Ratio to the usual duration from which a duration is slow. */
const TIMES_USUAL = 3
/** Durations in the last minute below which a median says nothing. */
const MIN_COUNT = 20
/** Durations below which a 99th percentile, or what is usual, says nothing. */
const MIN_MANY = 100
/** The delay of the event loop explains a duration if it is at least this share of it. */
const LOOP_SHARE = 0.5

/** Reasons for which something is called slow. */
export type Slowness = 'always' | 'median' | 'slowest'

/** Returns why something is slow now; null if it is not, or if the event loop of the process that measured it explains it. */
export function slownessOf(name: Judged, waiting: Waiting): Slowness | null {
  const times = waiting[name]
  if (times === null) return null
  const { lastMinute, usual } = times
  const { p50Ms, p99Ms, always } = LIMITS[name]
  const loop = waiting.eventLoop?.lastMinute
  const isOf = (percentile: 'p50Ms' | 'p99Ms', limitMs: number) => {
    const ms = lastMinute[percentile]
    return ms !== null && ms >= limitMs && (loop?.[percentile] ?? 0) < LOOP_SHARE * ms
  }
  const isUnusual = (percentile: 'p50Ms' | 'p99Ms') => usual.count >= MIN_MANY && isTimes(lastMinute[percentile], usual[percentile])
  if (lastMinute.count < MIN_COUNT) return null
  const hasMany = lastMinute.count >= MIN_MANY
  if (isOf('p50Ms', always.p50Ms) || (hasMany && isOf('p99Ms', always.p99Ms))) return 'always'
  if (isOf('p50Ms', p50Ms) && isUnusual('p50Ms')) return 'median'
  return hasMany && isOf('p99Ms', p99Ms) && isUnusual('p99Ms') ? 'slowest' : null
}

function isTimes(now: Percentiles['p50Ms'], usual: Percentiles['p50Ms']): boolean {
  return now !== null && usual !== null && now >= TIMES_USUAL * usual
}

export interface JudgedTimes extends WaitingTimes {
  readonly slow: Slowness | null
}

/** Returns the durations of a process, with the judgement; null without any, or for a process of an older version. */
export function judged(name: Judged, waiting: Waiting | undefined): JudgedTimes | null {
  const times = waiting?.[name]
  return waiting && times ? { ...times, slow: slownessOf(name, waiting) } : null
}

/** Returns the durations of the process that waits longest: slow ones first, then the highest 99th percentile of the last minute. */
export function slowestOf(
  name: Judged,
  instances: readonly { readonly id: string; readonly details: Pick<InstanceDetails, 'waiting'> }[],
): (JudgedTimes & { readonly instance: string }) | null {
  const all = instances.flatMap(({ id, details }) => {
    const times = judged(name, details.waiting)
    return times ? [{ instance: id, ...times }] : []
  })
  const weight = ({ slow, lastMinute }: JudgedTimes) => (slow === null ? 0 : 1e9) + (lastMinute.p99Ms ?? -1)
  return all.toSorted((a, b) => weight(b) - weight(a))[0] ?? null
}
