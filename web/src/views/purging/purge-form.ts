import type { PurgeKind, PurgeOrder } from './purge-order.ts'

/** Content of the form for a purge. All of it is part of the address. */
export interface PurgeFields {
  readonly kind: PurgeKind
  readonly value: string
  /** Tenant of a pattern or a table; empty for all that the role may change. */
  readonly tenant: string
}

export const PURGE_KINDS: Readonly<Record<PurgeKind, string>> = {
  tag: 'A row or tag',
  pattern: 'Types',
  table: 'A table',
  key: 'One key',
  tenant: 'A tenant',
  all: 'Everything',
}

/** Returns the kind that the address names; a row or tag if it names none. */
export function readKind(text: string): PurgeKind {
  return Object.hasOwn(PURGE_KINDS, text) ? (text as PurgeKind) : 'tag'
}

/** Returns the order that the form describes; undefined if it is incomplete. */
export function orderOf({ kind, value, tenant }: PurgeFields): PurgeOrder | undefined {
  const [given, of] = [value.trim(), tenant.trim() === '' ? undefined : tenant.trim()]
  if (kind === 'all') return { kind }
  if (given === '') return undefined
  switch (kind) {
    case 'tag':
      return { kind, tag: given }
    case 'key':
      return { kind, key: given }
    case 'pattern':
      return { kind, pattern: given, tenant: of }
    case 'table':
      return { kind, table: given, tenant: of }
    case 'tenant':
      return { kind, tenant: given }
  }
}

/** Returns the view that shows the dry run of a purge, for links. */
export function purgePath(order: PurgeOrder): string {
  return `/keys/purge?${new URLSearchParams({ kind: order.kind, ...fieldsOf(order) })}`
}

function fieldsOf(order: PurgeOrder): Readonly<Record<string, string>> {
  switch (order.kind) {
    case 'tag':
      return { value: order.tag }
    case 'key':
      return { value: order.key }
    case 'pattern':
      return { value: order.pattern, ...(order.tenant === undefined ? {} : { tenant: order.tenant }) }
    case 'table':
      return { value: order.table, ...(order.tenant === undefined ? {} : { tenant: order.tenant }) }
    case 'tenant':
      return { value: order.tenant }
    case 'all':
      return {}
  }
}
