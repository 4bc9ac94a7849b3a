import type { Invalidation } from '../../../../src/operations/admin/contract.ts'
import { count, duration } from '../../format/format.ts'
import { Moment } from '../../parts/moment.tsx'
import { Link } from '../../router/location.tsx'
import { purgePath } from '../purging/purge-form.ts'
import { orderOfTag } from '../purging/purge-order.ts'
import { TagList } from '../purging/tag-links.tsx'
import { UNKNOWN_CAUSE } from './costs.ts'

const SHOWN_TAGS = 2

/** One row of the invalidation log. It opens to show the write, its tables and all its tags. */
export function InvalidationRow({ row, isOpen }: { readonly row: Invalidation; readonly isOpen: boolean }) {
  const { at, causes, tags, tagCount } = row
  const isBroad = tags.some((tag) => tag === '*' || !tag.includes(':'))
  return (
    <li className={isBroad ? 'broad' : undefined}>
      <details open={isOpen}>
        <summary>
          <Moment at={at} />
          <span className="who">{causes.length === 0 ? UNKNOWN_CAUSE : causes.join(', ')}</span>
          <span className="size">
            {count(tagCount)} {tagCount === 1 ? 'tag' : 'tags'}
          </span>
          <span className="what">
            {tags.slice(0, SHOWN_TAGS).join('  ')}
            {tagCount > SHOWN_TAGS ? ` +${count(tagCount - SHOWN_TAGS)}` : ''}
          </span>
        </summary>
        <Write row={row} />
      </details>
    </li>
  )
}

function Write({ row: { epoch, clock, causes, tables, tags, tagCount, lagMs } }: { readonly row: Invalidation }) {
  return (
    <dl className="write">
      <dt>Write</dt>
      <dd>
        {causes.length === 0
          ? 'The log does not say what wrote. Another program did, or the gateway that wrote is older.'
          : causes.map((cause) => (
              <span key={cause}>
                <Link to={`/invalidations?${new URLSearchParams({ cause })}`}>{cause}</Link>{' '}
              </span>
            ))}
      </dd>
      <dt>Tables</dt>
      <dd>{tables.length === 0 ? 'none: it was no change of rows' : tables.map((table) => <code key={table}>{table} </code>)}</dd>
      <dt>Tags</dt>
      <dd>
        <TagList tags={tags} total={tagCount} limit={50} />
      </dd>
      <dt>Applied</dt>
      <dd>{lagMs === null ? 'not measured' : `${duration(lagMs)} after the write`}</dd>
      <dt>Position</dt>
      <dd>
        {clock} <small title={epoch}>of epoch {epoch.slice(0, 8)}</small>
      </dd>
      {tags[0] === undefined ? null : (
        <>
          <dt>Again</dt>
          <dd>
            <Link to={purgePath(orderOfTag(tags[0]))}>Purge {tags[0]} …</Link>
          </dd>
        </>
      )}
    </dl>
  )
}
