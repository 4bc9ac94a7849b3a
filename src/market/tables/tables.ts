import type { Tables } from '../../gateway/contract/tables.ts'

/**
 * The rows of the database as Kysely sees them (CamelCasePlugin: column `tenant_id` is property `tenantId`). Each module declares its
 * tables in its entity.ts, with `declare module '…/gateway/contract/tables.ts' { interface Tables { … } }`. An int8 arrives as a number (an
 * unsafe integer throws), a timestamptz(3) as an ISO 8601 string in UTC with milliseconds. Money is an integer of minor units in the
 * tenant's currency.
 */
export type Database = Tables
