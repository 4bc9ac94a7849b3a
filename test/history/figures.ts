import type { FieldFigures, OperationFigures, UsageFigures } from '#src/operations/telemetry/usage.ts'

/** Returns figures of a field that count `n` of almost everything, with different numbers for each member. */
export function fieldFigures(field: string, n: number, row = 1): FieldFigures {
  return {
    row,
    field,
    reads: { l1: 10 * n, l2: 2 * n, coalesced: n, stale: 3 * n, origin: 4 * n, failed: n },
    misses: { cold: n, invalidated: 2 * n, expired: n, evicted: 0, 'not cacheable': n, bypassed: n, shed: 0 },
    loads: 5 * n,
    failedLoads: n,
    loadMs: 7.25 * n,
    savedMs: 11.5 * n,
    reloads: 3 * n,
    needlessReloads: n,
    stored: 6 * n,
    storedBytes: 4096 * n,
    reused: 2 * n,
  }
}

/** Returns figures of an operation that count `n` of almost everything. */
export function operationFigures(operation: string, n: number, row = 1): OperationFigures {
  return {
    row,
    operation,
    hash: operation === 'other' ? '' : `hash of ${operation}`,
    kind: operation === 'other' ? '' : 'query',
    requests: 12 * n,
    answers: {
      'at hand': 4 * n,
      l1: n,
      l2: n,
      coalesced: n,
      stale: 0,
      parts: 2 * n,
      origin: 3 * n,
      bypassed: 0,
      shed: 0,
      refused: 0,
    },
    layerMs: {
      'at hand': 0.5 * n,
      l1: 0.25 * n,
      l2: n,
      coalesced: 8 * n,
      stale: 0,
      parts: 1.75 * n,
      origin: 22 * n,
      bypassed: 0,
      shed: 0,
      refused: 0,
    },
    notModified: 2 * n,
    errors: n,
    durationMs: 33.5 * n,
    savedMs: 100.25 * n,
    bytes: 4096 * n,
  }
}

/** Returns figures of one process: two fields, two operations, a tenant, two tags and two writes. */
export function usageFigures(n: number): UsageFigures {
  const { operation: _, hash: __, kind: ___, notModified: ____, ...tenant } = operationFigures('', n, 1)
  return {
    fields: [fieldFigures('Campaign', n, 1), fieldFigures('Query.campaigns', 2 * n, 2)],
    operations: [operationFigures('Dashboard', n, 1), operationFigures('other', 3 * n, 2)],
    tenants: [{ ...tenant, tenant: 'acme' }],
    tags: [
      { row: 1, field: 'Query.campaigns', tag: 'Campaign[]', reloads: 3 * n, needlessReloads: n },
      { row: 2, field: 'Query.campaigns', tag: 'Domain', reloads: n, needlessReloads: 0 },
    ],
    writes: [
      {
        row: 1,
        write: 'mutation updateCampaign',
        field: 'Query.campaigns',
        reloads: 3 * n,
        needlessReloads: n,
        loadMs: 6.5 * n,
        answers: 0,
      },
      { row: 2, write: 'mutation updateCampaign', field: 'Response', reloads: 0, needlessReloads: 0, loadMs: 0, answers: 2 * n },
      { row: 3, write: 'program psql', field: 'Campaign', reloads: n, needlessReloads: 0, loadMs: 1.25 * n, answers: 0 },
    ],
    latency: [
      { row: 0, outcome: 'hit', upToMs: '0.05', count: 6 * n },
      { row: 1, outcome: 'hit', upToMs: '0.75', count: 2 * n },
      { row: 40, outcome: 'miss', upToMs: '12.5', count: 4 * n },
    ],
  }
}

/** Returns the rows of figures without their numbers in the process, sorted by name. Figures by write are read apart. */
export function comparable({ fields, operations, tenants, tags, latency }: Omit<UsageFigures, 'writes'>): unknown {
  const plain = (rows: readonly { readonly row: number }[]) => rows.map(({ row: _, ...figures }) => figures)
  const sorted = (rows: readonly object[]) => rows.map((row) => JSON.stringify(Object.entries(row).sort())).sort()
  return {
    fields: sorted(plain(fields)),
    operations: sorted(plain(operations)),
    tenants: sorted(plain(tenants)),
    tags: sorted(plain(tags)),
    latency: sorted(plain(latency)),
  }
}
