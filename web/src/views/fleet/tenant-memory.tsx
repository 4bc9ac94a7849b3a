import type { Instances } from '../../../../src/operations/admin/contract.ts'
import { bytes, shareOf } from '../../format/format.ts'
import { Card } from '../../parts/card.tsx'
import { DataTable } from '../../parts/data-table.tsx'
import { Link } from '../../router/location.tsx'
import { memoryByTenant } from './memory-by-tenant.ts'

/** Memory of the cache by tenant, summed over all processes that are alive. */
export function TenantMemory({ instances }: Pick<Instances, 'instances'>) {
  const rows = memoryByTenant(instances)
  const total = rows.reduce((sum, row) => sum + row.bytes, 0)
  return (
    <Card title="Memory by tenant" note="the largest ten of each process, summed">
      <DataTable
        caption="Memory by tenant"
        columns={[
          {
            id: 'tenant',
            title: 'Tenant',
            isHead: true,
            sortBy: ({ tenant }) => tenant,
            cell: ({ tenant }) => <Link to={`/keys?${new URLSearchParams({ list: 'keys', prefix: `${tenant}:` })}`}>{tenant}</Link>,
          },
          { id: 'bytes', title: 'Size', isNumeric: true, sortBy: (row) => row.bytes, cell: (row) => bytes(row.bytes) },
          { id: 'share', title: 'Share', isNumeric: true, cell: (row) => shareOf(row.bytes, total) },
          {
            id: 'bar',
            title: 'Of all',
            isWideOnly: true,
            cell: (row) => <meter aria-label={`Share of ${row.tenant}`} min={0} max={Math.max(1, total)} value={row.bytes} />,
          },
        ]}
        rows={rows}
        keyOf={({ tenant }) => tenant}
        order="-bytes"
        prefix="tenants-"
        pageSize={20}
        empty={<p className="soft">No process has cached anything of a tenant.</p>}
      />
    </Card>
  )
}
