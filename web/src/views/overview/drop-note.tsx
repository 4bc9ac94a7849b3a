import type { SeriesDrop } from '../../../../src/operations/admin/contract.ts'
import { duration, points } from '../../format/format.ts'
import { Moment, Sentence } from '../../parts/moment.tsx'
import { Link } from '../../router/location.tsx'

/** Explains a fall of the hit rate, and leads to what caused it. */
export function DropNote({ drop: { at, until, hitRateBefore, hitRateAfter, sentence, field, write } }: { readonly drop: SeriesDrop }) {
  const length = Date.parse(until) - Date.parse(at)
  return (
    <div className="note-box">
      <p>
        <strong>
          <Moment at={at} />, hit rate fell {points(hitRateBefore - hitRateAfter)} points for {duration(length)}.
        </strong>{' '}
        <Sentence text={withoutBeginning(sentence)} />
      </p>
      <p className="links">
        {field === null ? null : <Link to={`/operations/field/${encodeURIComponent(field)}`}>See the field {field}</Link>}
        {write === null ? null : <Link to={`/invalidations?cause=${encodeURIComponent(write)}`}>See the writes</Link>}
      </p>
    </div>
  )
}

/** Removes the first sentence, if it says what the note says already: how far the hit rate fell, and when. */
function withoutBeginning(sentence: string): string {
  return sentence.replace(/^The hit rate fell from .*? at \S+Z\. /, '')
}
