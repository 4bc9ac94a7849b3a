import { count, duration } from '../../format/format.ts'
import { DataTable } from '../../parts/data-table.tsx'
import { Link } from '../../router/location.tsx'
import { type CauseCost, mainFieldOf, UNKNOWN_CAUSE } from './costs.ts'

const ROWS = 8

/** Cost of each mutation, operator or program. */
export function CostTable({ costs }: { readonly costs: readonly CauseCost[] }) {
  const areKnown = costs.some(({ known }) => known)
  return (
    <DataTable
      caption="What each write cost"
      columns={[
        {
          id: 'cause',
          title: 'Cause',
          isHead: true,
          sortBy: ({ cause }) => cause,
          cell: (cost) => <Cause cost={cost} areKnown={areKnown} />,
        },
        {
          id: 'writes',
          title: 'Writes',
          isNumeric: true,
          isWideOnly: areKnown,
          sortBy: ({ writes }) => writes,
          cell: ({ writes }) => count(writes),
        },
        {
          id: 'tags',
          title: 'Tags',
          isNumeric: true,
          isWideOnly: true,
          hint: 'Tags that the writes invalidated',
          sortBy: ({ tags }) => tags,
          cell: ({ tags }) => count(tags),
        },
        {
          id: 'voided',
          title: 'Entries voided',
          isNumeric: true,
          hint: 'Cached entries that a read found void, and those that still wait in the memory of the process that answers',
          sortBy: ({ known }) => known?.voidedEntries ?? null,
          cell: ({ known }) => count(known?.voidedEntries),
        },
        {
          id: 'reloads',
          title: 'Reloads',
          isNumeric: true,
          hint: 'Values that were loaded again because a write had voided them',
          sortBy: ({ known }) => known?.reloads ?? null,
          cell: ({ known }) => count(known?.reloads),
        },
        {
          id: 'needless',
          title: 'Needless',
          isNumeric: true,
          isWideOnly: true,
          hint: 'Reloads that returned the value that had been invalidated. 0 is perfect',
          sortBy: ({ known }) => known?.needlessReloads ?? null,
          cell: ({ known }) => count(known?.needlessReloads),
        },
        {
          id: 'time',
          title: 'DB time',
          isNumeric: true,
          hint: 'Time of the database that the reloads took',
          sortBy: ({ known }) => known?.loadMs ?? null,
          cell: ({ known }) => duration(known?.loadMs),
        },
        {
          id: 'p50',
          title: 'Applied p50',
          isNumeric: true,
          isWideOnly: true,
          hint: 'Time from a write until all processes had applied it: half of the writes took less',
          sortBy: ({ appliedP50Ms }) => appliedP50Ms,
          cell: ({ appliedP50Ms }) => duration(appliedP50Ms),
        },
        {
          id: 'slowest',
          title: 'Slowest',
          isNumeric: true,
          isWideOnly: true,
          hint: 'Greatest time from a write until all processes had applied it',
          sortBy: ({ appliedMaxMs }) => appliedMaxMs,
          cell: ({ appliedMaxMs }) => duration(appliedMaxMs),
        },
      ]}
      rows={costs}
      keyOf={({ cause }) => cause}
      order={areKnown ? '-time' : '-writes'}
      prefix="cost-"
      pageSize={ROWS}
      empty={<p className="soft">Nothing was invalidated in this time range.</p>}
    />
  )
}

/** Cause of writes with the field that they void most and, on narrow screens, the figures whose columns are left out there. */
function Cause({ cost, areKnown }: { readonly cost: CauseCost; readonly areKnown: boolean }) {
  const { cause, writes, tags, known, appliedP50Ms, appliedMaxMs } = cost
  const most = mainFieldOf(cost)
  const others = [
    ...(areKnown ? [`${count(writes)} ${writes === 1 ? 'write' : 'writes'}`] : []),
    `${count(tags)} ${tags === 1 ? 'tag' : 'tags'}`,
    ...(known ? [`${count(known.needlessReloads)} needless`] : []),
    ...(appliedP50Ms === null ? [] : [`applied in ${duration(appliedP50Ms)}, slowest ${duration(appliedMaxMs)}`]),
  ]
  return (
    <>
      {cause === UNKNOWN_CAUSE ? cause : <Link to={`/invalidations?${new URLSearchParams({ cause })}`}>{cause}</Link>}
      {most === undefined ? null : <small className="block">most: {most}</small>}
      <small className="block narrow-only">{others.join(', ')}</small>
    </>
  )
}
