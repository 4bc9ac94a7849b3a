import type { Report } from '../../../../src/operations/admin/contract.ts'
import { fewPoints } from '../../format/format.ts'
import { Link } from '../../router/location.tsx'
import { Change } from './change.tsx'
import { Effects } from './effects.tsx'
import { evidenceOf, isField } from './evidence.ts'

/** One recommendation: what is wrong, what shows it, the exact change, what it brings and what it costs. */
export function AdviceCard({ recommendation }: { readonly recommendation: Report['recommendations'][number] }) {
  const { code, subject, finding, evidence, change, snippets, gain, cost, about } = recommendation
  return (
    <li className="card">
      <div className="card-head">
        <h2>{finding}</h2>
        <small>
          {code}, {fewPoints(about.points)} points of misses: {about.cause}
        </small>
      </div>
      <h3>Change</h3>
      <Change change={change} snippets={snippets} />
      <Effects gain={gain} cost={cost} />
      <h3>Evidence</h3>
      <dl className="evidence">
        {evidenceOf(evidence).map(({ name, value }) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      {isField(subject) ? (
        <p className="soft">
          <Link to={`/operations/field/${encodeURIComponent(subject)}`}>Figures of {subject}</Link>
        </p>
      ) : null}
    </li>
  )
}
