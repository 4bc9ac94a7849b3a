import type { Instances } from '../../../../src/operations/admin/contract.ts'
import { count, durationPair } from '../../format/format.ts'
import { Card } from '../../parts/card.tsx'
import { type Column, DataTable } from '../../parts/data-table.tsx'
import { EmptyState } from '../../parts/empty-state.tsx'
import { AWAITED, type Awaited, type Waiting } from './waiting-words.ts'

type Instance = Instances['instances'][number]
type Times = Waiting[keyof Waiting]

const HINTS: Readonly<Record<Awaited, string>> = {
  statement: 'From sending an SQL statement to its last row. Statements of the invalidation log are not counted.',
  redis: 'From sending a command of the cache to its reply. Commands of the rate limits and of warming are not counted.',
  connection: 'Time until a caller got a connection of the pool. Its size is DATABASE_POOL_SIZE.',
}

/** Durations of the waits of each process for PostgreSQL and Redis in the last minute, beside the usual ones. */
export function WaitingTable({ instances }: Pick<Instances, 'instances'>) {
  return (
    <Card title="How long processes wait" note="p50 / p99 of the last minute, and of the hour before">
      <DataTable<Instance>
        caption="How long processes wait"
        columns={[
          {
            id: 'id',
            title: 'Process',
            isHead: true,
            sortBy: ({ id }) => id,
            cell: ({ id }) => <code title={id}>{id.slice(0, 8)}</code>,
          },
          columnOf('statement'),
          columnOf('redis'),
          { ...columnOf('connection'), isWideOnly: true },
          {
            id: 'loop',
            title: 'Event loop',
            isNumeric: true,
            isWideOnly: true,
            hint: 'Delay of the event loop of the process. It is a part of the other durations: what it explains is not blamed on a server.',
            sortBy: ({ waiting }) => waiting?.eventLoop?.lastMinute.p99Ms,
            cell: ({ waiting }) => <TimesCell times={waiting?.eventLoop} slow={null} />,
          },
        ]}
        rows={instances.filter(({ isAlive }) => isAlive)}
        keyOf={({ id }) => id}
        order="id"
        prefix="waits-"
        empty={<EmptyState title="No process has reported yet.">A process reports every two seconds. Wait a moment.</EmptyState>}
      />
    </Card>
  )
}

function columnOf(name: Awaited): Column<Instance> {
  return {
    id: name,
    title: AWAITED[name],
    isNumeric: true,
    hint: HINTS[name],
    sortBy: ({ waiting }) => waiting?.[name]?.lastMinute.p99Ms,
    cell: ({ waiting }) => <TimesCell times={waiting?.[name]} slow={waiting?.[name]?.slow ?? null} />,
  }
}

function TimesCell({ times, slow }: { readonly times: Times | undefined; readonly slow: string | null }) {
  if (!times) return <span className="soft">not used</span>
  const { lastMinute, usual } = times
  if (lastMinute.count === 0) return <span className="soft">none</span>
  const now = durationPair(lastMinute.p50Ms, lastMinute.p99Ms).join(' ')
  return (
    <>
      {slow === null ? now : <strong className="bad">{now}, slow</strong>}
      <small className="block">
        {usual.count === 0 ? 'usual: not known yet' : `usually ${durationPair(usual.p50Ms, usual.p99Ms).join(' ')}`}
      </small>
      <small className="block">{count(lastMinute.count)} measured</small>
    </>
  )
}
