import type { Instances } from '../../../../src/operations/admin/contract.ts'
import { ago, bytes, count, duration, percent, UNKNOWN } from '../../format/format.ts'
import { Card } from '../../parts/card.tsx'
import { DataTable } from '../../parts/data-table.tsx'
import { EmptyState } from '../../parts/empty-state.tsx'
import { LOOP_LIMITS } from './limits.ts'
import { strainOf } from './parties.ts'

interface InstancesTableProps extends Pick<Instances, 'instances'> {
  /** Staleness bound, ms. */
  readonly boundMs: number
  /** Time of the figures. */
  readonly at: string
}

type Instance = Instances['instances'][number]

/** Processes that share the database, as each reported itself. */
export function InstancesTable({ instances, boundMs, at }: InstancesTableProps) {
  const now = Date.parse(at)
  const newest = Math.max(0, ...instances.map(({ clock }) => clock))
  return (
    <Card title="Instances" note="processes that share the database">
      <DataTable<Instance>
        caption="Instances"
        columns={[
          {
            id: 'id',
            title: 'Process',
            isHead: true,
            sortBy: ({ id }) => id,
            cell: ({ id, host, pid, isAnswering }) => (
              <>
                <code title={id}>{id.slice(0, 8)}</code>
                <small className="block">
                  {host}, {pid}
                  {isAnswering ? ', answers this page' : ''}
                </small>
              </>
            ),
          },
          {
            id: 'state',
            title: 'State',
            sortBy: ({ isAlive }) => (isAlive ? 0 : 1),
            cell: ({ isAlive, seenAt }) => (
              <span className={`badge tone-${isAlive ? 'good' : 'bad'}`}>{isAlive ? 'alive' : `silent, ${ago(seenAt, now)}`}</span>
            ),
          },
          { id: 'version', title: 'Version', isWideOnly: true, sortBy: ({ version }) => version, cell: ({ version }) => version },
          {
            id: 'started',
            title: 'Up',
            isNumeric: true,
            isWideOnly: true,
            sortBy: ({ startedAt }) => now - Date.parse(startedAt),
            cell: ({ startedAt }) => duration(now - Date.parse(startedAt)),
          },
          {
            id: 'clock',
            isWideOnly: true,
            title: 'Log position',
            isNumeric: true,
            hint: 'Position of the invalidation log that the process has applied',
            sortBy: ({ clock }) => clock,
            cell: ({ clock, epoch }) => (
              <span title={`epoch ${epoch}`}>
                {count(clock)}
                {clock < newest ? <small> −{count(newest - clock)}</small> : null}
              </span>
            ),
          },
          {
            id: 'lag',
            title: 'Last log sync',
            isNumeric: true,
            hint: `Time since its last sync of the log. The bound is ${boundMs} ms.`,
            sortBy: ({ lagMs }) => lagMs,
            cell: ({ lagMs }) => (
              <Marked isBad={lagMs === null || lagMs > boundMs}>{lagMs === null ? 'not followed' : `${duration(lagMs)} ago`}</Marked>
            ),
          },
          {
            id: 'loop',
            title: 'Event loop now',
            isNumeric: true,
            hint: `99th percentile of its delay in the last seconds (limit ${LOOP_LIMITS.delayMs} ms), and the share of the last minute for which it was busy (limit ${percent(LOOP_LIMITS.utilization)})`,
            sortBy: strainOf,
            cell: (one) => (
              <Marked isBad={strainOf(one) >= 1}>
                {duration(one.eventLoopLagMs)}
                <small className="block">
                  {one.eventLoopUtilization === null ? 'use not known yet' : `${percent(one.eventLoopUtilization)} busy`}
                </small>
              </Marked>
            ),
          },
          {
            id: 'cache',
            isWideOnly: true,
            title: 'Cache',
            isNumeric: true,
            sortBy: ({ memoryBytes }) => memoryBytes,
            cell: ({ memoryBytes, memoryEntries }) => (
              <>
                {bytes(memoryBytes)}
                <small className="block">{count(memoryEntries)} entries</small>
              </>
            ),
          },
          {
            id: 'heap',
            title: 'Heap',
            isNumeric: true,
            isWideOnly: true,
            sortBy: ({ heapBytes }) => heapBytes,
            cell: ({ heapBytes }) => bytes(heapBytes),
          },
          {
            id: 'redis',
            title: 'Redis',
            sortBy: ({ redis }) => redis,
            cell: ({ redis, breaker }) => (
              <Marked isBad={redis === 'down' || breaker === 'open'}>
                {redis === 'none' ? UNKNOWN : redis}
                {breaker === null || breaker === 'closed' ? '' : `, breaker ${breaker}`}
              </Marked>
            ),
          },
          {
            id: 'shadow',
            title: 'Stale reads',
            isNumeric: true,
            isWideOnly: true,
            hint: 'Served copies that shadow mode found stale beyond the promise, of all that it compared',
            sortBy: ({ shadow }) => shadow?.violations,
            cell: ({ shadow }) => (
              <Marked isBad={(shadow?.violations ?? 0) > 0}>
                {shadow === null ? UNKNOWN : `${count(shadow.violations)} of ${count(shadow.equal + shadow.violations)}`}
              </Marked>
            ),
          },
        ]}
        rows={instances}
        keyOf={({ id }) => id}
        order="id"
        empty={<EmptyState title="No process has reported yet.">A process reports every two seconds. Wait a moment.</EmptyState>}
      />
    </Card>
  )
}

function Marked({ isBad, children }: { readonly isBad: boolean; readonly children: React.ReactNode }) {
  return isBad ? <strong className="bad">{children}</strong> : children
}
