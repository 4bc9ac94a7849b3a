import type { Stats } from '../../../../src/operations/admin/contract.ts'
import { bytes, count, durationPair, shareOf, UNKNOWN } from '../../format/format.ts'
import { Card } from '../../parts/card.tsx'
import { EmptyState } from '../../parts/empty-state.tsx'

/** State of Redis, as the process that answers sees it. */
export function RedisCard({ redis, breakers }: Pick<Stats, 'redis' | 'breakers'>) {
  if (redis === null)
    return (
      <Card title="Redis">
        <EmptyState title="No Redis is configured.">Set REDIS_URL, so that processes share what they load.</EmptyState>
      </Card>
    )
  const {
    isReady,
    isWritable,
    usedMemoryBytes,
    maxMemoryBytes,
    maxMemoryPolicy,
    connectedClients,
    evictedKeys,
    keyspaceHits,
    keyspaceMisses,
  } = redis
  const open = breakers.filter(({ state }) => state !== 'closed')
  const lookups = (keyspaceHits ?? 0) + (keyspaceMisses ?? 0)
  return (
    <Card title="Redis" note={isReady ? (isWritable ? 'connected, accepts writes' : 'connected, refuses writes') : 'not connected'}>
      <dl className="facts">
        <Times name="Commands" times={redis.commands} />
        <Fact name="Memory" value={bytes(usedMemoryBytes)} note={maxMemoryBytes === 0 ? 'no limit' : `of ${bytes(maxMemoryBytes)}`} />
        <Fact name="Eviction policy" value={maxMemoryPolicy ?? UNKNOWN} note="what Redis does if it is full" />
        <Fact name="Evicted keys" value={count(evictedKeys)} note="since the start of Redis" />
        <Fact
          name="Lookups"
          value={shareOf(keyspaceHits ?? 0, lookups)}
          note={`of ${count(lookups)} by all clients since the start of Redis found a key`}
        />
        <Fact name="Clients" value={count(connectedClients)} note="connections, of all programs" />
        <Fact name="Breaker" value={open[0]?.state ?? 'closed'} note={open.length === 0 ? 'on every process' : 'on at least one process'} />
      </dl>
    </Card>
  )
}

/** State of PostgreSQL. */
export function PostgresCard({ postgres }: Pick<Stats, 'postgres'>) {
  if (postgres === null) return null
  const { isReachable, version, connections, maxConnections, logRows, statements, connectionWaits } = postgres
  return (
    <Card title="PostgreSQL" note={isReachable ? 'reachable' : 'not reachable'}>
      <dl className="facts">
        <Fact name="Version" value={version ?? UNKNOWN} />
        <Fact name="Connections" value={count(connections)} note={`of ${count(maxConnections)}, of all programs`} />
        <Times name="SQL statements" times={statements} />
        <Times name="Waits for a connection" times={connectionWaits} />
        <Fact
          name="Rows in the table of the log"
          value={logRows === null ? UNKNOWN : `about ${count(logRows)}`}
          note="as PostgreSQL estimates it; the view Invalidations counts the history instead"
        />
      </dl>
    </Card>
  )
}

/** Durations of the last minute beside the usual ones, in the process that waits longest. */
function Times({ name, times }: { readonly name: string; readonly times: NonNullable<Stats['redis']>['commands'] }) {
  if (times === null || times.lastMinute.count === 0) return <Fact name={name} value={UNKNOWN} note="none in the last minute" />
  const { lastMinute, usual } = times
  const pair = (one: typeof usual) => durationPair(one.p50Ms, one.p99Ms).join(' ')
  const note = usual.count === 0 ? 'p50 / p99 in the last minute' : `p50 / p99 in the last minute, usually ${pair(usual)}`
  return <Fact name={name} value={pair(lastMinute)} note={times.slow === null ? note : `${note}: slow`} />
}

function Fact({ name, value, note }: { readonly name: string; readonly value: string; readonly note?: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>
        {value} {note === undefined ? null : <small>{note}</small>}
      </dd>
    </div>
  )
}
