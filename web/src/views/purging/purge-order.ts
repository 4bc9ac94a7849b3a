import type { ClearAllInput, InvalidateInput } from '../../../../src/operations/admin/contract.ts'
import { tidegateLine } from './command-line.ts'

/** Purge that a person wants. Patterns and tables are those of one tenant, or of all that the role may change if `tenant` is undefined. */
export type PurgeOrder =
  | { readonly kind: 'tag'; readonly tag: string }
  | { readonly kind: 'key'; readonly key: string }
  | { readonly kind: 'pattern'; readonly pattern: string; readonly tenant?: string | undefined }
  | { readonly kind: 'table'; readonly table: string; readonly tenant?: string | undefined }
  | { readonly kind: 'tenant'; readonly tenant: string }
  | { readonly kind: 'all' }

export type PurgeKind = PurgeOrder['kind']

export type PurgeRequest =
  | { readonly path: '/invalidate'; readonly body: InvalidateInput }
  | { readonly path: '/clear-all'; readonly body: ClearAllInput }

/** Returns the call of the management API that does what was ordered. @param reason Undefined for a dry run. */
export function purgeRequest(order: PurgeOrder, reason: string | undefined): PurgeRequest {
  const how = reason === undefined ? { dryRun: true } : { reason }
  switch (order.kind) {
    case 'tag':
      return { path: '/invalidate', body: { tags: [order.tag], ...how } }
    case 'key':
      return { path: '/invalidate', body: { key: order.key, ...how } }
    case 'pattern':
      return { path: '/invalidate', body: { pattern: order.pattern, ...tenantOf(order), ...how } }
    case 'table':
      return { path: '/invalidate', body: { table: order.table, ...tenantOf(order), ...how } }
    case 'tenant':
      return { path: '/clear-all', body: { confirm: order.tenant, ...how } }
    case 'all':
      return { path: '/clear-all', body: { confirm: 'all', ...how } }
  }
}

/** Returns the command line that does the same. It does not ask again, because the reader has seen the dry run. */
export function purgeLine(order: PurgeOrder, reason: string): string {
  const how = { reason, yes: true } as const
  switch (order.kind) {
    case 'tag':
      return tidegateLine('purge', [order.tag], how)
    case 'key':
      return tidegateLine('purge', [], { key: order.key, ...how })
    case 'pattern':
      return tidegateLine('purge', [], { pattern: order.pattern, ...tenantOf(order), ...how })
    case 'table':
      return tidegateLine('purge', [], { table: order.table, ...tenantOf(order), ...how })
    case 'tenant':
      return tidegateLine('purge', [], { all: order.tenant, ...how })
    case 'all':
      return tidegateLine('purge', [], { all: 'all', ...how })
  }
}

/** Returns the word that must be typed before the purge; undefined if none must. */
export function wordToType(order: PurgeOrder): string | undefined {
  if (order.kind === 'tenant') return order.tenant
  return order.kind === 'all' ? 'all' : undefined
}

/** Returns what would be purged, as the object of a sentence. */
export function purgeSubject(order: PurgeOrder): string {
  const of = 'tenant' in order && order.tenant !== undefined ? `of the tenant ${order.tenant}` : 'of every tenant that you may change'
  switch (order.kind) {
    case 'tag':
      return `everything with the tag ${order.tag}`
    case 'key':
      return `the key ${order.key}`
    case 'pattern':
      return `the types ${order.pattern} ${of}`
    case 'table':
      return `everything read from the table ${order.table} ${of}`
    case 'tenant':
      return `all values of the tenant ${order.tenant}`
    case 'all':
      return 'all values of every tenant'
  }
}

/**
 * Returns the order that a tag means. A tag that is only a tenant, or `*`, stands for so much that its name must be typed.
 */
export function orderOfTag(tag: string): PurgeOrder {
  if (tag === '*') return { kind: 'all' }
  return tag.includes(':') ? { kind: 'tag', tag } : { kind: 'tenant', tenant: tag }
}

function tenantOf({ tenant }: { readonly tenant?: string | undefined }): { readonly tenant?: string } {
  return tenant === undefined ? {} : { tenant }
}
