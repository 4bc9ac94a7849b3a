import { useEffect, useRef } from 'react'
import type { PurgeResult } from '../../../../src/operations/admin/contract.ts'
import { count, duration } from '../../format/format.ts'
import { Card } from '../../parts/card.tsx'
import { DataTable } from '../../parts/data-table.tsx'
import { Link } from '../../router/location.tsx'
import { type PurgeOrder, purgeSubject } from './purge-order.ts'
import { purgeParts } from './purge-parts.ts'

/** Shows the result of a purge: whether it is complete, and how that is known of each process and of each edge. */
export function PurgeOutcome({ order, result }: { readonly order: PurgeOrder; readonly result: PurgeResult }) {
  const { isComplete, waitedMs, position } = result
  const sentence = useRef<HTMLParagraphElement>(null)
  useEffect(() => sentence.current?.focus(), [])
  const parts = purgeParts(result)
  const pending = parts.filter(({ state }) => state === 'pending').map(({ name }) => name)
  return (
    <Card
      title={isComplete ? 'Purged' : 'Purged, and not yet confirmed'}
      note={position === null ? undefined : `log position ${count(position.clock)}`}
    >
      <p ref={sentence} tabIndex={-1} role="status" className={isComplete ? 'outcome tone-good' : 'outcome tone-bad'}>
        {isComplete
          ? `Purged ${purgeSubject(order)}: no process serves an old value any more. This took ${duration(waitedMs)}.`
          : `${pending.join(', ')} did not confirm within ${duration(waitedMs)}, and may still serve an old value. Look there, and purge again: that does no harm.`}
      </p>
      <DataTable
        caption="Processes and edges"
        columns={[
          { id: 'name', title: 'Name', isHead: true, sortBy: ({ name }) => name, cell: ({ id, name }) => <code title={id}>{name}</code> },
          { id: 'where', title: 'What it is', sortBy: ({ where }) => where, cell: ({ where }) => where },
          {
            id: 'state',
            title: 'State',
            sortBy: ({ state }) => state,
            cell: ({ state, tone }) => <span className={`badge tone-${tone}`}>{state}</span>,
          },
          { id: 'meaning', title: 'How this is known', cell: ({ meaning }) => meaning },
        ]}
        rows={parts}
        keyOf={({ id }) => id}
        order="name"
        prefix="processes-"
        empty={<p>No process has reported to the database.</p>}
      />
      <p className="soft">
        Copies in browsers, and in a CDN that the gateway does not purge, live as long as their Cache-Control told them. See the purge in
        the{' '}
        <Link to={position === null ? '/invalidations' : `/invalidations?open=${position.epoch}+${position.clock}`}>invalidation log</Link>.
      </p>
    </Card>
  )
}
