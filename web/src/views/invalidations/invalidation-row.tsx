import type { Invalidation } from '../../../../src/operations/admin/contract.ts'
import { count, duration } from '../../format/format.ts'
import { Moment } from '../../parts/moment.tsx'
import { Link } from '../../router/location.tsx'
import { purgePath } from '../purging/purge-form.ts'
import { orderOfTag } from '../purging/purge-order.ts'
import { TagLink } from '../purging/tag-links.tsx'
import { causeWords } from './cause-words.ts'
import { type CauseCost, costOfOne, costSentence, fieldText, UNKNOWN_CAUSE } from './costs.ts'
import { tagWords } from './tag-words.ts'

const SHOWN_TAGS = 2

interface InvalidationRowProps {
  readonly row: Invalidation
  readonly isOpen: boolean
  /** Cost of each cause in the time range of the view. */
  readonly costOf: ReadonlyMap<string, CauseCost>
}

/** One row of the invalidation log. It opens to show the write, what writes like it cost, its tables and all its tags. */
export function InvalidationRow({ row, isOpen, costOf }: InvalidationRowProps) {
  const { at, causes, tags, tagCount, lagMs } = row
  const isBroad = tags.some(isBroadTag)
  const reasons = causes.flatMap((cause) => causeWords(cause) ?? [])
  const costs = causes.flatMap((cause) => costOf.get(cause) ?? []).flatMap((cost) => costOfOne(cost) ?? [])
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
            {isBroad ? ` (${tags.filter(isBroadTag).slice(0, SHOWN_TAGS).map(tagWords).join(', ')})` : ''}
          </span>
          {lagMs === null && costs.length === 0 ? null : (
            <span className="cost">
              {lagMs === null ? '' : `Applied after ${duration(lagMs)}. `}
              {costs.length === 0 ? '' : `Cost: ${costs.join('; ')}`}
            </span>
          )}
          {reasons.length === 0 ? null : <span className="why">Because {reasons.join('; ')}.</span>}
        </summary>
        <Write row={row} costOf={costOf} />
      </details>
    </li>
  )
}

/** Whether a tag stands for everything, or for everything of a tenant. */
function isBroadTag(tag: string): boolean {
  return tag === '*' || !tag.includes(':')
}

function Write({ row, costOf }: Pick<InvalidationRowProps, 'row' | 'costOf'>) {
  const { epoch, clock, causes, tables, tags, tagCount, lagMs } = row
  const costs = causes.flatMap((cause) => costOf.get(cause) ?? [])

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
      {costs.length === 0 ? null : (
        <>
          <dt>Cost</dt>
          <dd>
            {costs.map((cost) => (
              <Cost key={cost.cause} cost={cost} isNamed={causes.length > 1} />
            ))}
          </dd>
        </>
      )}
      <dt>Tables</dt>
      <dd>{tables.length === 0 ? 'none: it was no change of rows' : tables.map((table) => <code key={table}>{table} </code>)}</dd>
      <dt>Tags</dt>
      <dd>
        <ul className="tag-words">
          {tags.map((tag) => (
            <li key={tag}>
              <TagLink tag={tag} /> <span>{tagWords(tag)}</span>
            </li>
          ))}
        </ul>
        {tagCount > tags.length ? <small>and {count(tagCount - tags.length)} more</small> : null}
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

/** Cost of all writes of one cause in the time range of the view, with the fields that were reloaded. */
function Cost({ cost, isNamed }: { readonly cost: CauseCost; readonly isNamed: boolean }) {
  const reloaded = cost.fields.filter(({ reloads }) => reloads > 0)
  return (
    <div>
      {isNamed ? <strong>{cost.cause}: </strong> : 'In the time range above: '}
      {costSentence(cost)}
      {reloaded.length === 0 ? null : <small> Reloaded: {reloaded.map(fieldText).join('; ')}.</small>}
    </div>
  )
}
