import { useApi } from '../../api/use-api.ts'
import { Card } from '../../parts/card.tsx'
import { EmptyState } from '../../parts/empty-state.tsx'
import { Problem } from '../../parts/problem.tsx'
import { useTimeRange } from '../../parts/time-range.tsx'
import { Link } from '../../router/location.tsx'
import { Change } from '../advice/change.tsx'
import { Effects } from '../advice/effects.tsx'

/** Recommendations that concern an operation or a field. */
export function AdviceOf({ subject }: { readonly subject: string }) {
  const { window, until } = useTimeRange()
  const { data, failure, isLoading } = useApi('/performance-report', { window, until })
  const own = data?.recommendations.filter((one) => one.subject === subject) ?? []
  return (
    <Card title="What to change" isLoading={isLoading}>
      <Problem failure={failure} />
      {data && own.length === 0 ? (
        <EmptyState title="There is no recommendation for it in this time.">
          <Link to="/advice">All recommendations</Link>
        </EmptyState>
      ) : null}
      {own.map(({ code, finding, change, snippets, gain, cost }) => (
        <article key={code} className="advice">
          <p>
            <strong>{finding}</strong>
          </p>
          <Change change={change} snippets={snippets} />
          <Effects gain={gain} cost={cost} />
        </article>
      ))}
    </Card>
  )
}
