import type { Report } from '../../../../src/operations/admin/contract.ts'
import { fewPoints } from '../../format/format.ts'
import { Card } from '../../parts/card.tsx'

/** Shows the cost of each cause of misses, the part that the cards below are about, and why nothing can be done about the rest. */
export function MissingCard({ missing }: Pick<Report, 'missing'>) {
  if (missing.length === 0) return null
  return (
    <Card title="What misses cost" note="points of the field hit rate, by cause">
      <dl className="missing">
        {missing.map(({ cause, points, covered, text }) => (
          <div key={cause}>
            <dt>
              {cause} <strong>{fewPoints(points)}</strong>
            </dt>
            <dd>
              {covered > 0 ? `${fewPoints(covered)} with a card below. ` : ''}
              {text}
            </dd>
          </div>
        ))}
      </dl>
    </Card>
  )
}
