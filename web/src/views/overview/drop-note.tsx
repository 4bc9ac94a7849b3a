import type { SeriesDrop } from '../../../../src/operations/admin/contract.ts'
import { duration, pointsBetween } from '../../format/format.ts'
import { Sentence } from '../../parts/moment.tsx'
import { Link } from '../../router/location.tsx'

/** Explains a fall of the rate, whose time is coloured in the chart, and leads to what caused it and to what to change. */
export function DropNote({ drop: { rate, at, until, before, after, sentence, field, write } }: { readonly drop: SeriesDrop }) {
  const length = until === null ? 'until now' : `for ${duration(Date.parse(until) - Date.parse(at))}`
  return (
    <div className="note-box">
      <p>
        <strong>
          −{pointsBetween(before, after)} points of the {rate} {length}.
        </strong>{' '}
        <Sentence text={sentence} />
      </p>
      <p className="links">
        {field === null ? null : <Link to={`/operations/field/${encodeURIComponent(field)}`}>See the field {field}</Link>}
        {write === null ? null : <Link to={`/invalidations?cause=${encodeURIComponent(write)}`}>See the writes</Link>}
        {field === null ? null : <Link to="/advice">See what to change</Link>}
      </p>
    </div>
  )
}
