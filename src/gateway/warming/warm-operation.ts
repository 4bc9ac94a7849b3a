import type { Role } from '../identity/principal.ts'
import type { RecordedOperation } from './recorded-operation.ts'
import { variablesAt, type WarmVariables } from './warm-variables.ts'

/** Times at which an operation is warmed. */
export interface WarmTimes {
  /** Cron pattern with five or six fields. With six fields, the first field stands for the seconds. */
  readonly cron: string
  /** IANA time zone of the times in the pattern, such as `Europe/Berlin`. */
  readonly timeZone: string
}

/** A query that is warmed on a schedule or by command, with the callers for whom it is warmed. */
export interface WarmOperation {
  readonly name: string
  /** Text of the query with its fragments, as a client sends it. */
  readonly document: string
  /** Schedule of the operation; undefined if it is warmed only by command. */
  readonly times: WarmTimes | undefined
  /** Sets of variables. The operation is warmed with each of these sets. */
  readonly variables: readonly WarmVariables[]
  /** Tenants of the callers. `ACTIVE` stands for all active tenants. Undefined stands for an anonymous caller. */
  readonly tenants: 'ACTIVE' | readonly string[] | undefined
  readonly roles: readonly Role[]
}

/**
 * Returns the operation once for each tenant, role and set of variables.
 * @param active Active tenants, for an operation with the tenants `ACTIVE`.
 * @param now Current time, Unix epoch ms.
 */
export function recordedOperations(operation: WarmOperation, active: readonly string[], now: number): readonly RecordedOperation[] {
  const { document, name: operationName, tenants, roles } = operation
  const callers =
    tenants === undefined
      ? [{ tenant: null, role: null }]
      : (tenants === 'ACTIVE' ? active : tenants).flatMap((tenant) => roles.map((role) => ({ tenant, role })))
  const variableSets = operation.variables.map((variables) => variablesAt(variables, now))
  return callers.flatMap((caller) => variableSets.map((variables) => ({ document, operationName, variables, ...caller, isTrusted: true })))
}
