import type { Instances, Stats } from '../../../../src/operations/admin/contract.ts'

/** Answer to the question "is it the database, Redis, or us?". */
export interface Verdict {
  readonly culprit: 'none' | 'database' | 'Redis' | 'us'
  /** One sentence that answers the question. */
  readonly sentence: string
  /** Reasons, one sentence each. The first ones weigh most. */
  readonly findings: readonly Finding[]
}

export interface Finding {
  readonly culprit: 'database' | 'Redis' | 'us'
  readonly text: string
}

/** Share of a limit from which a person should look at it. */
const NEARLY_FULL = 0.9
/** Delay of the event loop that slows every answer of a process, ms. */
const SLOW_LOOP_MS = 100

const SENTENCES: Readonly<Record<Finding['culprit'], string>> = {
  database: 'It is the database.',
  Redis: 'It is Redis. Each process uses its own memory and the database meanwhile, and no answer is older because of it.',
  us: 'It is us: a process of the gateway needs attention.',
}

/** Judges the figures of PostgreSQL, Redis and the processes. The database comes first, because everything else follows from it. */
export function verdictOf(stats: Stats, { instances }: Pick<Instances, 'instances'>): Verdict {
  const findings = [...ofDatabase(stats), ...ofRedis(stats, instances), ...ofProcesses(stats, instances)]
  const culprit = findings[0]?.culprit ?? 'none'
  const sentence =
    culprit === 'none'
      ? 'Nothing is wrong: PostgreSQL and Redis respond, and every process follows the invalidation log.'
      : SENTENCES[culprit]
  return { culprit, sentence, findings }
}

function ofDatabase({ postgres }: Stats): Finding[] {
  const found = (text: string): Finding => ({ culprit: 'database', text })
  if (postgres === null) return []
  if (!postgres.isReachable) return [found('PostgreSQL cannot be reached from the process that answers.')]
  const { connections, maxConnections } = postgres
  const isFull = connections !== null && maxConnections !== null && connections >= NEARLY_FULL * maxConnections
  return isFull ? [found(`PostgreSQL has ${connections} of ${maxConnections} connections open: new ones will be refused soon.`)] : []
}

function ofRedis({ redis }: Stats, instances: Instances['instances']): Finding[] {
  const found = (text: string): Finding => ({ culprit: 'Redis', text })
  const away = instances.filter((one) => one.isAlive && one.redis === 'down')
  if (redis !== null && !redis.isReady) return [found('The process that answers is not connected to Redis.')]
  if (away.length > 0) return [found(`${listed(away.map(({ id }) => id))} ${away.length === 1 ? 'is' : 'are'} not connected to Redis.`)]
  if (redis === null) return []
  const { isWritable, usedMemoryBytes, maxMemoryBytes, maxMemoryPolicy } = redis
  if (!isWritable) return [found('Redis refuses writes, so processes cannot share what they load.')]
  const isFull =
    usedMemoryBytes !== null && maxMemoryBytes !== null && maxMemoryBytes > 0 && usedMemoryBytes >= NEARLY_FULL * maxMemoryBytes
  return isFull && maxMemoryPolicy === 'noeviction' ? [found('Redis is nearly full and evicts nothing (maxmemory-policy noeviction).')] : []
}

function ofProcesses({ lag }: Stats, instances: Instances['instances']): Finding[] {
  const found = (text: string): Finding => ({ culprit: 'us', text })
  const silent = instances.filter(({ isAlive }) => !isAlive)
  const alive = instances.filter(({ isAlive }) => isAlive)
  const behind = alive.filter(({ lagMs }) => lagMs === null || lagMs > lag.boundMs)
  const busy = alive.filter(({ eventLoopLagMs }) => (eventLoopLagMs ?? 0) > SLOW_LOOP_MS)
  return [
    ...(behind.length > 0
      ? [
          found(
            `${listed(behind.map(({ id }) => id))} did not read the invalidation log within the staleness bound, and answers from the database.`,
          ),
        ]
      : []),
    ...(busy.length > 0 ? [found(`The event loop of ${listed(busy.map(({ id }) => id))} is late by more than ${SLOW_LOOP_MS} ms.`)] : []),
    ...(silent.length > 0 ? [found(`${listed(silent.map(({ id }) => id))} stopped reporting. It ended, or it hangs.`)] : []),
  ]
}

function listed(names: readonly string[]): string {
  const shown = names.slice(0, 3).join(', ')
  return names.length > 3 ? `${shown} and ${names.length - 3} more` : shown
}
