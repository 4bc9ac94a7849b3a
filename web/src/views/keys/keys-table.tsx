import type { Keys } from '../../../../src/operations/admin/contract.ts'
import { bytes, count, duration } from '../../format/format.ts'
import { DataTable } from '../../parts/data-table.tsx'
import { EmptyState } from '../../parts/empty-state.tsx'
import { Link } from '../../router/location.tsx'
import { purgePath } from '../purging/purge-form.ts'

/** Cached keys, without their values. */
export function KeysTable({ rows, isFiltered }: { readonly rows: Keys['keys']; readonly isFiltered: boolean }) {
  return (
    <DataTable
      caption="Cached keys"
      columns={[
        {
          id: 'key',
          title: 'Key',
          isHead: true,
          sortBy: ({ key }) => key,
          cell: ({ key, policy, tenant, arguments: given }) => (
            <Link to={`/keys/explain?${new URLSearchParams({ key })}`} title={key} className="key">
              <code>{policy}</code>
              <small>
                {tenant} {given === null ? '(hashed arguments)' : <code>{given}</code>}
              </small>
            </Link>
          ),
        },
        { id: 'size', title: 'Size', isNumeric: true, sortBy: (row) => row.bytes, cell: (row) => bytes(row.bytes) },
        {
          id: 'hits',
          title: 'Recent uses',
          isNumeric: true,
          hint: '0 to 15, halved from time to time: they compare keys, and count nothing',
          sortBy: ({ hits }) => hits,
          cell: ({ hits }) => count(hits),
        },
        { id: 'age', title: 'Age', isNumeric: true, sortBy: ({ ageMs }) => ageMs, cell: ({ ageMs }) => duration(ageMs) },
        {
          id: 'ttl',
          title: 'TTL left',
          isNumeric: true,
          isWideOnly: true,
          sortBy: ({ ttlMs }) => ttlMs,
          cell: ({ ttlMs }) => (ttlMs > 0 ? duration(ttlMs) : 'ended'),
        },
        {
          id: 'tags',
          title: 'Tags',
          isNumeric: true,
          isWideOnly: true,
          sortBy: ({ tags }) => tags.length,
          cell: ({ tags }) => count(tags.length),
        },
        {
          id: 'do',
          title: 'Actions',
          cell: ({ key }) => (
            <span className="actions">
              <Link to={purgePath({ kind: 'key', key })} aria-label={`Delete the key ${key}`}>
                Delete …
              </Link>
            </span>
          ),
        },
      ]}
      rows={rows}
      keyOf={({ key }) => key}
      order="-size"
      prefix="keys-"
      empty={
        isFiltered ? (
          <EmptyState title="No cached key matches.">
            A key begins with its tenant and its policy, such as <code>acme:Query.campaigns</code>.
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
