import './audit.css'
import '../purging/purging.css'
import { useSignedIn } from '../../api/session.tsx'
import { useApi } from '../../api/use-api.ts'
import { Card } from '../../parts/card.tsx'
import { Choice } from '../../parts/choice.tsx'
import { EmptyState } from '../../parts/empty-state.tsx'
import { Problem } from '../../parts/problem.tsx'
import { ViewHead } from '../../parts/view-head.tsx'
import { useParam } from '../../router/location.tsx'
import { TenantFilter, useTenant } from '../filters/tenant-filter.tsx'
import { TextFilter } from '../filters/text-filter.tsx'
import { AuditTable } from './audit-table.tsx'

const CALLS = { POST: 'Actions', '': 'All calls' } as const
const LIMIT = 50

/** View `/audit`: who called the management API, with what, and what came of it. */
export default function AuditView() {
  const { isOperator } = useSignedIn()
  const [method, setMethod] = useParam('calls', 'POST')
  const [endpoint] = useParam('endpoint', '')
  const [outcome] = useParam('outcome', '')
  const [userId] = useParam('user', '')
  const [before, setBefore] = useParam('before', '')
  const tenant = useTenant()
  const { data, failure, isLoading } = useApi('/audit', {
    tenant,
    endpoint: endpoint || undefined,
    outcome: outcome || undefined,
    userId: userId || undefined,
    method: method === 'POST' ? 'POST' : undefined,
    before: /^[1-9]\d*$/.test(before) ? Number(before) : undefined,
    limit: LIMIT,
  })
  const rows = data?.rows ?? []
  const oldest = rows.at(-1)?.id
  return (
    <>
      <ViewHead title="Audit" note={isOperator ? 'Who did what, in every tenant.' : 'Who did what, in your tenant.'}>
        <Choice label="Calls" options={CALLS} value={method === 'POST' ? 'POST' : ''} onChoose={setMethod} />
      </ViewHead>
      <Card
        title="Calls"
        note={before === '' ? 'newest first' : 'older ones'}
        isLoading={isLoading}
        controls={
          <>
            <TenantFilter />
            <TextFilter label="User" name="user" />
            <TextFilter label="Endpoint" name="endpoint" placeholder="POST /invalidate" />
            <TextFilter label="Outcome" name="outcome" placeholder="ok" offers={['ok', 'started', 'FORBIDDEN', 'BAD_USER_INPUT']} />
          </>
        }
      >
        <Problem failure={failure} />
        {data === undefined ? null : (
          <AuditTable
            rows={rows}
            empty={
              <EmptyState title="No call matches.">
                User, endpoint and outcome are compared as a whole. “All calls” also shows reads, and this page makes many of them.
              </EmptyState>
            }
          />
        )}
        <nav className="pager" aria-label="Pages of the audit log">
          <button type="button" disabled={before === ''} onClick={() => setBefore('')}>
            Newest
          </button>
          <button type="button" disabled={rows.length < LIMIT || oldest === undefined} onClick={() => setBefore(String(oldest))}>
            Older
          </button>
        </nav>
      </Card>
    </>
  )
}
