import type { Generated } from 'kysely'

export interface TelephonyEventRow {
  tenantId: string
  eventId: string
  receivedAt: Generated<string>
}

declare module '../../gateway/contract/tables.ts' {
  interface Tables {
    telephonyEvents: TelephonyEventRow
  }
}
