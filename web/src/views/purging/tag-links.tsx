import './tags.css'
import { Link } from '../../router/location.tsx'
import { tagWords } from '../invalidations/tag-words.ts'

/** Tag of a value. It leads to the writes that invalidated it. */
export function TagLink({ tag }: { readonly tag: string }) {
  return (
    <Link
      to={`/invalidations?${new URLSearchParams({ tag })}`}
      className="tag"
      title={`Stands for ${tagWords(tag)}. Show the writes that invalidated it.`}
    >
      <code>{tag}</code>
    </Link>
  )
}

/** List of tags, of which the first ones are shown at once. */
export function TagList({
  tags,
  total,
  limit = 12,
}: {
  readonly tags: readonly string[]
  readonly total: number
  readonly limit?: number
}) {
  const more = total - Math.min(limit, tags.length)
  return (
    <span className="tags">
      {tags.slice(0, limit).map((tag) => (
        <TagLink key={tag} tag={tag} />
      ))}
      {more > 0 ? <small>and {more.toLocaleString('en')} more</small> : null}
    </span>
  )
}
