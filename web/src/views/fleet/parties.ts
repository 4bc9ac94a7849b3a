import type { Instances, Stats } from '../../../../src/operations/admin/contract.ts'
import { duration, percent } from '../../format/format.ts'
import { ALWAYS_SLOW_MS, LOOP_LIMITS } from './limits.ts'
import type { Culprit, Verdict } from './verdict.ts'
import { AWAITED, type Awaited, type Times, timesText } from './waiting-words.ts'

type Instance = Instances['instances'][number]

export interface Fact {
  readonly name: string
  readonly text: string
}

/** One of those that can be to blame, with the figures by which it is judged. */
export interface Party {
  readonly culprit: Culprit
  readonly title: string
  /** Whether no finding blames it. */
  readonly isFine: boolean
  readonly facts: readonly Fact[]
}

const TITLES: Readonly<Record<Culprit, string>> = { database: 'The database', Redis: 'Redis', us: 'Us, the gateway' }

/** Returns the judgement of the database, Redis and the gateway, each with its figures beside the limits. Each figure is the worst of all processes. */
export function partiesOf(
  { findings }: Pick<Verdict, 'findings'>,
  { redis, postgres, lag }: Pick<Stats, 'redis' | 'postgres' | 'lag'>,
  instances: readonly Instance[],
): readonly Party[] {
  const alive = instances.filter(({ isAlive }) => isAlive)
  const facts: Readonly<Record<Culprit, readonly Fact[]>> = {
    database: waitOf('statement', postgres?.statements),
    Redis: waitOf('redis', redis?.commands),
    us: [loopFact(alive), ...waitOf('connection', postgres?.connectionWaits), syncFact(alive, lag.boundMs)],
  }
  const culprits = (['database', 'Redis', 'us'] as const).filter((culprit) => culprit !== 'Redis' || redis !== null)
  return culprits.map((culprit) => ({
    culprit,
    title: TITLES[culprit],
    isFine: !findings.some((finding) => finding.culprit === culprit),
    facts: facts[culprit],
  }))
}

function waitOf(name: Awaited, times: (Times & { readonly instance: string }) | null | undefined): readonly Fact[] {
  const { p50Ms, p99Ms } = ALWAYS_SLOW_MS[name]
  const limits = `limits: p50 ${duration(p50Ms)}, p99 ${duration(p99Ms)}`
  if (!times) return [{ name: AWAITED[name], text: `none measured yet; ${limits}` }]
  return [{ name: AWAITED[name], text: `${timesText(times)}; ${limits} (${shortId(times.instance)}, the slowest)` }]
}

function loopFact(alive: readonly Instance[]): Fact {
  const name = 'Event loop'
  const [worst] = alive.toSorted((a, b) => strainOf(b) - strainOf(a))
  if (!worst) return { name, text: 'no process reports' }
  const { eventLoopLagMs, eventLoopUtilization, waiting, id } = worst
  const { p50Ms, p99Ms } = waiting?.eventLoop?.lastMinute ?? {}
  const minute = p99Ms === undefined || p99Ms === null ? '' : `; in the last minute p50 ${duration(p50Ms)}, p99 ${duration(p99Ms)}`
  const busy =
    eventLoopUtilization === null
      ? 'how busy it is, is not known yet'
      : `busy ${percent(eventLoopUtilization)} of the last minute, limit ${percent(LOOP_LIMITS.utilization)}`
  return {
    name,
    text: `delay ${duration(eventLoopLagMs)} now, limit ${duration(LOOP_LIMITS.delayMs)}${minute}; ${busy} (${shortId(id)}, the worst)`,
  }
}

function syncFact(alive: readonly Instance[], boundMs: number): Fact {
  const name = 'Last log sync'
  const [worst] = alive.toSorted((a, b) => (b.lagMs ?? Infinity) - (a.lagMs ?? Infinity))
  if (!worst) return { name, text: 'no process reports' }
  const ago = worst.lagMs === null ? 'the log is not followed' : `${duration(worst.lagMs)} ago`
  return { name, text: `${ago}, limit ${duration(boundMs)} (${shortId(worst.id)}, the latest)` }
}

/** Returns how near the event loop of a process is to its limits; 1 is at a limit. */
export function strainOf({ eventLoopLagMs, eventLoopUtilization }: Pick<Instance, 'eventLoopLagMs' | 'eventLoopUtilization'>): number {
  return Math.max((eventLoopLagMs ?? 0) / LOOP_LIMITS.delayMs, (eventLoopUtilization ?? 0) / LOOP_LIMITS.utilization)
}

function shortId(id: string): string {
  return `process ${id.slice(0, 8)}`
}
