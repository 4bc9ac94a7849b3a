import type { Stats } from '../../../../src/operations/admin/contract.ts'
import { bytes, count, shareOf, UNKNOWN } from '../../format/format.ts'
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
        <Fact name="Memory" value={bytes(usedMemoryBytes)} note={maxMemoryBytes === 0 ? 'no limit' : `of ${bytes(maxMemoryBytes)}`} />
        <Fact name="Policy" value={maxMemoryPolicy ?? UNKNOWN} />
        <Fact name="Evicted" value={count(evictedKeys)} note="since its start" />
        <Fact name="Lookups" value={shareOf(keyspaceHits ?? 0, lookups)} note={`of ${count(lookups)} found a key`} />
        <Fact name="Clients" value={count(connectedClients)} />
        <Fact name="Breaker" value={open[0]?.state ?? 'closed'} note={open.length === 0 ? 'on every process' : 'on at least one process'} />
      </dl>
    </Card>
  )
}

/** State of PostgreSQL. */
export function PostgresCard({ postgres }: Pick<Stats, 'postgres'>) {
  if (postgres === null) return null
  const { isReachable, version, connections, maxConnections, logRows } = postgres
  return (
    <Card title="PostgreSQL" note={isReachable ? 'reachable' : 'not reachable'}>
      <dl className="facts">
        <Fact name="Version" value={version ?? UNKNOWN} />
        <Fact name="Connections" value={count(connections)} note={`of ${count(maxConnections)}`} />
        <Fact name="Invalidation log" value={count(logRows)} note={logRows === 1 ? 'row' : 'rows'} />
      </dl>
    </Card>
  )
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
