import { count } from '../../format/format.ts'
import { Link } from '../../router/location.tsx'
import { purgePath } from '../purging/purge-form.ts'
import { orderOfTag } from '../purging/purge-order.ts'
import { TagLink } from '../purging/tag-links.tsx'
import type { TagCount } from './costs.ts'

/** Tags that were invalidated most often, each with the write that does it. */
export function TopTags({ tags }: { readonly tags: readonly TagCount[] }) {
  if (tags.length === 0) return <p className="soft">No tag is shown.</p>
  return (
    <ol className="ranking">
      {tags.map(({ tag, writes, mainCause }) => (
        <li key={tag}>
          <span>
            <TagLink tag={tag} />
            <small>{mainCause}</small>
          </span>
          <span className="number">{count(writes)}</span>
          <Link to={purgePath(orderOfTag(tag))} className="quiet" aria-label={`Purge ${tag}`}>
            Purge …
          </Link>
        </li>
      ))}
    </ol>
  )
}
