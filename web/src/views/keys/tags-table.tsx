import type { Tags } from '../../../../src/operations/admin/contract.ts'
import { bytes, count, duration } from '../../format/format.ts'
import { DataTable } from '../../parts/data-table.tsx'
import { EmptyState } from '../../parts/empty-state.tsx'
import { Link } from '../../router/location.tsx'
import { tagWords } from '../invalidations/tag-words.ts'
import { purgePath } from '../purging/purge-form.ts'
import { orderOfTag } from '../purging/purge-order.ts'

/** Tags of cached values and of recent invalidations. */
export function TagsTable({ rows, isFiltered }: { readonly rows: Tags['tags']; readonly isFiltered: boolean }) {
  return (
    <DataTable
      caption="Tags"
      columns={[
        {
          id: 'tag',
          title: 'Tag',
          isHead: true,
          sortBy: ({ tag }) => tag,
          cell: ({ tag }) => (
            <Link to={`/keys?${new URLSearchParams({ list: 'keys', tag })}`} title="Show the keys with this tag">
              <code>{tag}</code>
              <small className="block">{tagWords(tag)}</small>
            </Link>
          ),
        },
        { id: 'entries', title: 'Entries', isNumeric: true, sortBy: ({ entries }) => entries, cell: ({ entries }) => count(entries) },
        { id: 'bytes', title: 'Size', isNumeric: true, sortBy: (row) => row.bytes, cell: (row) => bytes(row.bytes) },
        {
          id: 'hits',
          title: 'Recent uses',
          isNumeric: true,
          isWideOnly: true,
          hint: 'Halved from time to time: they compare tags, and count nothing',
          sortBy: ({ hits }) => hits,
          cell: ({ hits }) => count(hits),
        },
        {
          id: 'age',
          title: 'Oldest',
          isNumeric: true,
          isWideOnly: true,
          sortBy: ({ oldestMs }) => oldestMs,
          cell: ({ oldestMs }) => duration(oldestMs),
        },
        {
          id: 'do',
          title: 'Actions',
          cell: ({ tag }) => (
            <span className="actions">
              <Link to={`/invalidations?${new URLSearchParams({ tag })}`} aria-label={`Writes that invalidated ${tag}`}>
                Writes
              </Link>
              <Link to={purgePath(orderOfTag(tag))} aria-label={`Purge ${tag}`}>
                Purge …
              </Link>
            </span>
          ),
        },
      ]}
      rows={rows}
      keyOf={({ tag }) => tag}
      order="-entries"
      prefix="tags-"
      empty={
        isFiltered ? (
          <EmptyState title="No known tag begins like this.">
            A tag begins with its tenant, such as <code>acme:Campaign</code>. Delete the text to see all tags.
          </EmptyState>
        ) : (
          <EmptyState title="This process has cached nothing yet.">
            Send a query, or <Link to="/warm-up">warm the cache</Link>.
          </EmptyState>
        )
      }
    />
  )
}
