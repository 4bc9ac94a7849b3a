import '../purging/purging.css'
import type { WarmState } from '../../../../src/operations/admin/contract.ts'
import { useApi } from '../../api/use-api.ts'
import { count, duration } from '../../format/format.ts'
import { Card } from '../../parts/card.tsx'
import { DataTable } from '../../parts/data-table.tsx'
import { EmptyState, OperatorOnly } from '../../parts/empty-state.tsx'
import { Moment } from '../../parts/moment.tsx'
import { Problem } from '../../parts/problem.tsx'
import { ViewHead } from '../../parts/view-head.tsx'
import { StartWarmUp } from './start-warm-up.tsx'
import { REASONS, warmSentence } from './warm-words.ts'

const LIVE_MS = 2000

/** View `/warm-up`: the warm-up that runs, the last ones and how long they took to bring the hit rate back, and a form that starts one. */
export default function WarmUpView() {
  const { data, failure, reload } = useApi('/warm', {}, { everyMs: LIVE_MS })
  return (
    <>
      <ViewHead title="Warm-up" note="Executes recorded operations, so that readers find their values cached." />
      <Problem failure={failure} />
      {data ? data.isOn ? <Now state={data} /> : <Off /> : failure ? null : <p className="waiting">Asking the process …</p>}
      {data?.isOn ? <StartWarmUp onChange={reload} /> : null}
      {data ? <Runs runs={data.runs} /> : null}
    </>
  )
}

function Off() {
  return (
    <Card title="Warming is off">
      <EmptyState title="The process that answers does not warm its cache, and records no operations for it.">
        To turn warming on, set <code>WARMING=on</code> and restart the gateway. The cache must be on, too: <code>CACHE=on</code>. Until
        then each value is loaded when somebody first asks for it. The last warm-ups of other processes are shown below.
      </EmptyState>
    </Card>
  )
}

function Now({ state }: { readonly state: WarmState }) {
  const { isRunning, reason, total, done, durationMs, waiting } = state
  const finished = done.cached + done.executed + done.refused + done.failed
  if (reason === null)
    return (
      <Card title="No warm-up yet">
        <EmptyState title="The process that answers has not warmed its cache since its start.">Start a warm-up below.</EmptyState>
      </Card>
    )
  return (
    <Card title={isRunning ? 'Runs now' : 'Last warm-up'} note={`${REASONS[reason] ?? reason}, in the process that answers`}>
      {isRunning ? (
        <progress value={finished} max={Math.max(1, total)} aria-label="Progress of the warm-up">
          {count(finished)} of {count(total)}
        </progress>
      ) : null}
      <p role="status">{warmSentence({ isRunning, total, done, durationMs })}</p>
      {waiting > 0 ? <p className="soft">{count(waiting)} more wait for it.</p> : null}
      {done.failed > 0 ? <p className="soft">The log of the gateway says why operations failed.</p> : null}
    </Card>
  )
}

function Runs({ runs }: { readonly runs: WarmState['runs'] }) {
  if (runs === null)
    return (
      <Card title="Last warm-ups">
        <OperatorOnly why="A warm-up concerns the operations of all tenants." />
      </Card>
    )
  return (
    <Card title="Last warm-ups" note="of all processes that are alive">
      <DataTable
        caption="Last warm-ups"
        columns={[
          {
            id: 'started',
            title: 'Started',
            isHead: true,
            sortBy: ({ startedAt }) => startedAt,
            cell: ({ startedAt }) => <Moment at={startedAt} />,
          },
          { id: 'reason', title: 'Because of', sortBy: ({ reason }) => reason, cell: ({ reason }) => REASONS[reason] ?? reason },
          {
            id: 'took',
            title: 'Took',
            isNumeric: true,
            sortBy: (run) => Date.parse(run.endedAt) - Date.parse(run.startedAt),
            cell: (run) => duration(Date.parse(run.endedAt) - Date.parse(run.startedAt)),
          },
          { id: 'warmed', title: 'Warmed', isNumeric: true, sortBy: ({ warmed }) => warmed, cell: ({ warmed }) => count(warmed) },
          { id: 'failed', title: 'Failed', isNumeric: true, sortBy: ({ failed }) => failed, cell: ({ failed }) => count(failed) },
          {
            id: 'recovered',
            title: '90 % of the hit rate after',
            isNumeric: true,
            hint: 'Time from the start until the share of cached answers was 90 % of that in the minute before',
            sortBy: ({ recoveredMs }) => recoveredMs,
            cell: ({ recoveredMs }) => (recoveredMs === null ? 'not known' : duration(recoveredMs)),
          },
          {
            id: 'process',
            title: 'Process',
            isWideOnly: true,
            sortBy: ({ instance }) => instance,
            cell: ({ instance }) => <code title={instance}>{instance.slice(0, 8)}</code>,
          },
        ]}
        rows={runs}
        keyOf={({ instance, startedAt }) => `${instance} ${startedAt}`}
        order="-started"
        pageSize={20}
        empty={
          <EmptyState title="No process has ended a warm-up yet.">
            A process warms its cache when it starts, and when you start a warm-up.
          </EmptyState>
        }
      />
    </Card>
  )
}
