import type { Instances, Stats } from '../../../../src/operations/admin/contract.ts'
import { percent } from '../../format/format.ts'
import { ALWAYS_SLOW_MS, LOOP_LIMITS } from './limits.ts'
import { AWAITED, type Awaited, timesText } from './waiting-words.ts'

export type Culprit = 'database' | 'Redis' | 'us'
type Instance = Instances['instances'][number]

/** Answer to the question "is it the database, Redis, or us?". */
export interface Verdict {
  readonly culprit: 'none' | Culprit
  /** One sentence that answers the question. */
  readonly sentence: string
  /** Reasons, one sentence each. The first ones weigh most. */
  readonly findings: readonly Finding[]
}

export interface Finding {
  readonly culprit: Culprit
  /** Whether it responds, but slowly. */
  readonly isSlow: boolean
  readonly text: string
}

/** A fault that the figures can show. */
export interface Rule {
  readonly name: string
  readonly culprit: Culprit
  readonly isSlow?: boolean
  /** Returns the finding as a sentence; undefined if the figures do not show the fault. */
  readonly find: (stats: Stats, alive: readonly Instance[], silent: readonly Instance[]) => string | undefined
}

/** Share of a limit from which a person should look at it. */
const NEARLY_FULL = 0.9
/** Measurements below which it is not known what is usual. */
const MIN_USUAL = 100
/** Length of the beginning of an id, which the tables of the view show, too. */
const ID_LENGTH = 8

/**
 * The rules, the first that applies names the culprit. The database comes before Redis, because everything else follows from it. What does
 * not work comes before what is slow: without Redis, the database has more to do. What is slow comes before the processes that wait for it.
 */
export const RULES: readonly Rule[] = [
  {
    name: 'the database cannot be reached',
    culprit: 'database',
    find: ({ postgres }) => (postgres?.isReachable === false ? 'PostgreSQL cannot be reached from the process that answers.' : undefined),
  },
  {
    name: 'the connections of the database are nearly used up',
    culprit: 'database',
    find: ({ postgres }) => {
      const { connections, maxConnections } = postgres ?? {}
      return connections && maxConnections && connections >= NEARLY_FULL * maxConnections
        ? `PostgreSQL has ${connections} of ${maxConnections} connections open: new ones will be refused soon.`
        : undefined
    },
  },
  {
    name: 'Redis is not connected to the process that answers',
    culprit: 'Redis',
    find: ({ redis }) => (redis?.isReady === false ? 'The process that answers is not connected to Redis.' : undefined),
  },
  {
    name: 'Redis is not connected to a process',
    culprit: 'Redis',
    find: ({ redis }, alive) => {
      const away = alive.filter((one) => one.redis === 'down')
      return away.length > 0 && redis?.isReady !== false
        ? `${listed(away)} ${away.length === 1 ? 'is' : 'are'} not connected to Redis.`
        : undefined
    },
  },
  {
    name: 'Redis refuses writes',
    culprit: 'Redis',
    find: ({ redis }) =>
      redis?.isReady && !redis.isWritable ? 'Redis refuses writes, so processes cannot share what they load.' : undefined,
  },
  {
    name: 'Redis is full and evicts nothing',
    culprit: 'Redis',
    find: ({ redis }) => {
      const { usedMemoryBytes, maxMemoryBytes, maxMemoryPolicy } = redis ?? {}
      const isFull = usedMemoryBytes && maxMemoryBytes && usedMemoryBytes >= NEARLY_FULL * maxMemoryBytes
      return isFull && maxMemoryPolicy === 'noeviction'
        ? 'Redis is nearly full and evicts nothing (maxmemory-policy noeviction).'
        : undefined
    },
  },
  { name: 'the database is slow', culprit: 'database', isSlow: true, find: (_, alive) => slowText('statement', alive) },
  { name: 'Redis is slow', culprit: 'Redis', isSlow: true, find: (_, alive) => slowText('redis', alive) },
  {
    name: 'a process did not read the invalidation log',
    culprit: 'us',
    find: ({ lag }, alive) => {
      const behind = alive.filter(({ lagMs }) => lagMs === null || lagMs > lag.boundMs)
      return behind.length > 0
        ? `${listed(behind)} did not read the invalidation log within the staleness bound, and answers from the database.`
        : undefined
    },
  },
  {
    name: 'the event loop of a process is late',
    culprit: 'us',
    find: (_, alive) => {
      const busy = alive.filter(({ eventLoopLagMs }) => (eventLoopLagMs ?? 0) > LOOP_LIMITS.delayMs)
      return busy.length > 0 ? `The event loop of ${listed(busy)} is late by more than ${LOOP_LIMITS.delayMs} ms.` : undefined
    },
  },
  {
    name: 'the event loop of a process is busy',
    culprit: 'us',
    find: (_, alive) => {
      const busy = alive.filter(({ eventLoopUtilization }) => (eventLoopUtilization ?? 0) >= LOOP_LIMITS.utilization)
      const most = Math.max(...busy.map(({ eventLoopUtilization }) => eventLoopUtilization ?? 0))
      return busy.length > 0
        ? `The event loop of ${listed(busy)} was busy for ${percent(most)} of the last minute: start more processes (WORKERS), or find what takes its time.`
        : undefined
    },
  },
  {
    name: 'callers wait for a connection although the database is fast',
    culprit: 'us',
    find: (_, alive) => {
      const text = slowText(
        'connection',
        alive.filter(({ waiting }) => !waiting?.statement?.slow),
      )
      return text && `${text} The pool is too small for the load (DATABASE_POOL_SIZE), or transactions hold connections for too long.`
    },
  },
  {
    name: 'a process stopped reporting',
    culprit: 'us',
    find: (_, __, silent) => (silent.length > 0 ? `${listed(silent)} stopped reporting. It ended, or it hangs.` : undefined),
  },
]

const SENTENCES: Readonly<Record<Culprit, string>> = {
  database: 'It is the database.',
  Redis: 'It is Redis. Each process uses its own memory and the database meanwhile, and no answer is older because of it.',
  us: 'It is us: a process of the gateway needs attention.',
}
const SLOW_SENTENCES: Readonly<Record<Culprit, string>> = {
  database: 'It is the database: the database is slow. Answers from the cache do not wait for it.',
  Redis: 'It is Redis: Redis is slow. Answers from the memory of a process do not wait for it.',
  us: SENTENCES.us,
}

/** Judges the figures of PostgreSQL, Redis and the processes. @param rules Default: all rules. */
export function verdictOf(stats: Stats, { instances, at }: Pick<Instances, 'instances' | 'at'>, rules = RULES): Verdict {
  const alive = instances.filter(({ isAlive }) => isAlive)
  const silent = instances.filter(({ isAlive }) => !isAlive)
  const findings = rules.flatMap(({ culprit, isSlow = false, find }): Finding[] => {
    const text = find(stats, alive, silent)
    return text === undefined ? [] : [{ culprit, isSlow, text }]
  })
  const [first] = findings
  const fixed = limitsText(stats, alive, Date.parse(at))
  const servers = stats.redis === null ? 'PostgreSQL responds and is not slow' : 'PostgreSQL and Redis respond, neither is slow'
  const responding = stats.redis === null ? 'PostgreSQL responds' : 'PostgreSQL and Redis respond'
  const fine =
    fixed === undefined
      ? `Nothing is wrong: ${servers}, our event loops keep up, and every process follows the invalidation log.`
      : `Nothing is wrong by the limits of ${fixed}. ${responding}, our event loops keep up, and every process follows the invalidation log.`
  const sentence = first === undefined ? fine : (first.isSlow ? SLOW_SENTENCES : SENTENCES)[first.culprit]
  return { culprit: first?.culprit ?? 'none', sentence, findings }
}

/** Returns the limits by which alone servers are judged while some process does not know what is usual; undefined if all know it. */
function limitsText({ redis }: Stats, alive: readonly Instance[], now: number): string | undefined {
  const names = ['statement', ...(redis === null ? [] : (['redis'] as const))] as const satisfies readonly Awaited[]
  const isKnown = ({ waiting }: Instance) => names.every((name) => (waiting?.[name]?.usual.count ?? 0) >= MIN_USUAL)
  const unknown = alive.filter((one) => !isKnown(one))
  if (alive.length > 0 && unknown.length === 0) return undefined
  const measuredMs = Math.min(...unknown.map(({ startedAt }) => now - Date.parse(startedAt)))
  const ofServers = names.map(
    (name) => `${ALWAYS_SLOW_MS[name].p50Ms} ms (p50) and ${ALWAYS_SLOW_MS[name].p99Ms} ms (p99) for ${AWAITED[name]}`,
  )
  const ofLoop = `${LOOP_LIMITS.delayMs} ms of delay (p99) and ${percent(LOOP_LIMITS.utilization)} of use for our event loops`
  const limits = [...ofServers, ofLoop].join(', ')
  const minutes = Math.max(0, Math.floor(measuredMs / 60_000))
  const measured = !Number.isFinite(measuredMs) || minutes === 0 ? 'less than a minute' : minutes === 1 ? '1 minute' : `${minutes} minutes`
  return `${limits}; what is usual is not known yet (${measured} of measurements)`
}

function slowText(name: Awaited, alive: readonly Instance[]): string | undefined {
  const slow = alive.filter(({ waiting }) => waiting?.[name]?.slow)
  const [first] = slow
  const times = first?.waiting?.[name]
  if (!times) return undefined
  return `${AWAITED[name]} of ${listed(slow)} are slow: ${timesText(times)}${slow.length === 1 ? '' : `, in ${first?.id.slice(0, ID_LENGTH)}`}.`
}

function listed(instances: readonly Instance[]): string {
  const shown = instances
    .slice(0, 3)
    .map(({ id }) => id.slice(0, ID_LENGTH))
    .join(', ')
  return instances.length > 3 ? `${shown} and ${instances.length - 3} more` : shown
}
