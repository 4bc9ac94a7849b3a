import type { ReactNode } from 'react'
import type { AuditRow } from '../../../../src/operations/admin/contract.ts'
import { duration, UNKNOWN } from '../../format/format.ts'
import { DataTable } from '../../parts/data-table.tsx'
import { Moment } from '../../parts/moment.tsx'

/** Calls of the management API. */
export function AuditTable({ rows, empty }: { readonly rows: readonly AuditRow[]; readonly empty: ReactNode }) {
  return (
    <DataTable
      caption="Calls of the management API"
      columns={[
        { id: 'at', title: 'When', sortBy: ({ id }) => id, isNumeric: false, cell: ({ at }) => <Moment at={at} /> },
        {
          id: 'who',
          title: 'Who',
          isHead: true,
          sortBy: ({ userId }) => userId,
          cell: ({ userId, tenant, role, address }) => (
            <span title={`from ${address}`}>
              {userId ?? 'nobody'}
              <small className="block">{role === null ? 'no valid token' : `${role} of ${tenant ?? UNKNOWN}`}</small>
            </span>
          ),
        },
        { id: 'endpoint', title: 'What', sortBy: ({ endpoint }) => endpoint, cell: ({ endpoint }) => <code>{endpoint}</code> },
        {
          id: 'arguments',
          title: 'With',
          cell: ({ arguments: given }) => <Arguments given={given} />,
        },
        {
          id: 'outcome',
          title: 'Outcome',
          sortBy: ({ outcome }) => outcome,
          cell: ({ outcome }) => (
            <span className={`badge tone-${outcome === 'ok' ? 'good' : outcome === 'started' ? 'warn' : 'bad'}`}>{outcome}</span>
          ),
        },
        {
          id: 'took',
          title: 'Took',
          isNumeric: true,
          isWideOnly: true,
          sortBy: ({ durationMs }) => durationMs,
          cell: ({ durationMs }) => duration(durationMs),
        },
        {
          id: 'instance',
          title: 'Process',
          isWideOnly: true,
          cell: ({ instance }) => <code title={instance}>{instance.slice(0, 8)}</code>,
        },
      ]}
      rows={rows}
      keyOf={({ id }) => String(id)}
      order="-at"
      empty={empty}
    />
  )
}

function Arguments({ given }: { readonly given: AuditRow['arguments'] }) {
  const { reason, ...others } = given
  const shown = Object.entries(others).map(([name, value]) => `${name}: ${typeof value === 'string' ? value : JSON.stringify(value)}`)
  return (
    <div className="arguments">
      {typeof reason === 'string' ? <q>{reason}</q> : null}
      {shown.length === 0 ? null : <code>{shown.join(', ')}</code>}
    </div>
  )
}
