import { useEffect, useRef } from 'react'
import type { Confirmation, PurgeResult } from '../../../../src/operations/admin/contract.ts'
import { count, duration } from '../../format/format.ts'
import { Card } from '../../parts/card.tsx'
import { DataTable } from '../../parts/data-table.tsx'
import { Link } from '../../router/location.tsx'
import { type PurgeOrder, purgeSubject } from './purge-order.ts'

/** Says how it is known that a process serves no purged value any more. */
const MEANINGS: Readonly<Record<Confirmation['state'], string>> = {
  applied: 'It has applied the purge.',
  'lease ended':
    'It did not confirm. It serves no cached value before it has read the invalidation log, because the staleness bound has passed.',
  pending: 'It did not confirm, and may still serve an old value.',
}

const TONES: Readonly<Record<Confirmation['state'], string>> = { applied: 'good', 'lease ended': 'warn', pending: 'bad' }

/** Shows the result of a purge: whether it is complete, and how that is known of each process. */
export function PurgeOutcome({ order, result }: { readonly order: PurgeOrder; readonly result: PurgeResult }) {
  const { isComplete, instances, waitedMs, position } = result
  const sentence = useRef<HTMLParagraphElement>(null)
  useEffect(() => sentence.current?.focus(), [])
  const pending = instances.filter(({ state }) => state === 'pending').length
  return (
    <Card
      title={isComplete ? 'Purged' : 'Purged, and not yet confirmed'}
      note={position === null ? undefined : `log position ${position.clock}`}
    >
      <p ref={sentence} tabIndex={-1} role="status" className={isComplete ? 'outcome tone-good' : 'outcome tone-bad'}>
        {isComplete
          ? `Purged ${purgeSubject(order)}: no process serves an old value any more. This took ${duration(waitedMs)}.`
          : `${count(pending)} of ${count(instances.length)} processes did not confirm within ${duration(waitedMs)}. Look at them, and purge again: that does no harm.`}
      </p>
      <DataTable
        caption="Processes"
        columns={[
          { id: 'instance', title: 'Process', isHead: true, cell: ({ instance }) => <code title={instance}>{instance.slice(0, 8)}</code> },
          { id: 'host', title: 'Host', cell: ({ host }) => host },
          { id: 'state', title: 'State', cell: ({ state }) => <span className={`badge tone-${TONES[state]}`}>{state}</span> },
          { id: 'meaning', title: 'How this is known', cell: ({ state }) => MEANINGS[state] },
        ]}
        rows={instances}
        keyOf={({ instance }) => instance}
        order="instance"
        prefix="processes-"
        empty={<p>No process has reported to the database.</p>}
      />
      <p className="soft">
        Copies in browsers live as long as their Cache-Control told them. See the purge in the{' '}
        <Link to={position === null ? '/invalidations' : `/invalidations?open=${position.epoch}+${position.clock}`}>invalidation log</Link>.
      </p>
    </Card>
  )
}
