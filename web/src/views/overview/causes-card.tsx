import { useSignedIn } from '../../api/session.tsx'
import { useApi } from '../../api/use-api.ts'
import { CAUSES } from '../../charts/layers.ts'
import { ShareBar } from '../../charts/share-bar.tsx'
import { count, shareOf, windowText } from '../../format/format.ts'
import { Card } from '../../parts/card.tsx'
import { EmptyState, OperatorOnly } from '../../parts/empty-state.tsx'
import { Problem } from '../../parts/problem.tsx'
import { useTimeRange } from '../../parts/time-range.tsx'

/** Causes of the misses, and how many invalidations were needless. */
export function CausesCard() {
  const { isOperator } = useSignedIn()
  const { window, until, everyMs } = useTimeRange()
  const { data, failure, isLoading } = useApi('/stats', { window, until }, everyMs === undefined ? {} : { everyMs })
  if (!isOperator)
    return (
      <Card title="Why misses happened">
        <OperatorOnly why="The causes of misses are not counted by tenant." />
      </Card>
    )
  const { misses, reloads = 0, needlessReloads = 0 } = data?.figures ?? {}
  const all = Object.values(misses ?? {}).reduce((sum, one) => sum + one, 0)
  const needless = reloads === 0 ? undefined : `${shareOf(needlessReloads, reloads)} of the reloads needless`
  return (
    <Card
      title="Why misses happened"
      note={data ? `${count(all)} misses of ${count(data.figures.reads)} reads of fields, all tenants, ${windowText(window)}` : undefined}
      isLoading={isLoading}
    >
      <Problem failure={failure} />
      {misses && all > 0 ? (
        <ShareBar
          parts={CAUSES.map((series) => ({
            series,
            count: misses[series.id as keyof typeof misses],
            ...(series.id === 'invalidated' && needless !== undefined ? { note: needless } : {}),
          }))}
        />
      ) : null}
      {data && all === 0 ? <EmptyState title="No read missed in this time." /> : null}
    </Card>
  )
}
