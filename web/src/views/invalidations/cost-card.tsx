import type { WriteCosts } from '../../../../src/operations/admin/contract.ts'
import type { Reading } from '../../api/use-api.ts'
import { count, windowText } from '../../format/format.ts'
import { Card } from '../../parts/card.tsx'
import { Moment } from '../../parts/moment.tsx'
import { Problem } from '../../parts/problem.tsx'
import { TimeRange, useTimeRange } from '../../parts/time-range.tsx'
import { CostTable } from './cost-table.tsx'
import { type CauseCost, costSentence } from './costs.ts'

interface CostCardProps {
  readonly costs: readonly CauseCost[]
  /** Read of the costs of the time range; undefined if they follow from the rows of the log that are shown. */
  readonly reading: Reading<WriteCosts> | undefined
  /** Number of the rows of the log that are shown. */
  readonly shownRows: number
}

/** Card that says what each kind of write cost, the most expensive one in words. */
export function CostCard({ costs, reading, shownRows }: CostCardProps) {
  const { window, until } = useTimeRange()
  const [dearest] = costs
  if (!reading)
    return (
      <Card title="What each write cost" note={`of the last ${count(shownRows)} ${shownRows === 1 ? 'invalidation' : 'invalidations'}`}>
        <CostTable costs={costs} />
        <p className="soft">
          Entries, reloads and database time are counted for all tenants together. An OPERATOR sees them without a filter by tenant.
        </p>
      </Card>
    )
  const range = until === undefined ? `last ${windowText(window)}` : `${windowText(window)} until ${until}`
  return (
    <Card title="What each write cost" note={range} isLoading={reading.isLoading} controls={<TimeRange />}>
      <Problem failure={reading.failure} />
      {dearest?.known ? (
        <p className="cost-sentence">
          <strong>{dearest.cause}</strong> {costs.length === 1 ? 'cost' : 'cost most'}: {costSentence(dearest)}
        </p>
      ) : null}
      <CostTable costs={costs} />
      {reading.data?.uncounted ? <Uncounted of={reading.data.uncounted} /> : null}
    </Card>
  )
}

/** Says which part of the costs is not known. */
function Uncounted({ of: { before, reloads } }: { readonly of: NonNullable<WriteCosts['uncounted']> }) {
  return (
    <p className="soft">
      {before === null ? (
        'Not counted in this time range: '
      ) : (
        <>
          Not counted before <Moment at={before} />:{' '}
        </>
      )}
      {count(reloads)} {reloads === 1 ? 'reload' : 'reloads'} that an older version stored {reloads === 1 ? 'belongs' : 'belong'} to no
      write. A dash is a cost that is not known.
    </p>
  )
}
