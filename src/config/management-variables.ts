import { z } from 'zod'
import { onOff, positive, type Variable } from './variable-kinds.ts'

/** Variables of the management API. */
export const managementVariables = {
  MANAGEMENT: onOff(
    'on in development, off in production',
    'Serves the management API at /api/v1/cache on PORT, unless ADMIN_PORT is set: see [management-api.md](management-api.md).',
    'Management',
  ),
  ADMIN_PORT: {
    group: 'Management',
    schema: z.coerce.number().int().min(0).max(65535),
    expected: 'a port from 0 (any free one) to 65535',
    meaning: 'Serves the management API on this port of HOST, which clients do not need to reach. PORT then does not serve it.',
  },
  MANAGEMENT_RATE_LIMIT: {
    group: 'Management',
    schema: z.coerce.number().int().min(0).max(1_000_000),
    default: '600',
    expected: 'a whole number of calls a minute; 0 for no limit',
    meaning: 'Maximum number of calls of the management API a minute from one user. Processes with one Redis share the budget.',
  },
  AUDIT_DAYS: positive('days', '90', 'Time for which the audit log of the management API keeps a call.', 'Management'),
} as const satisfies Record<string, Variable>

/** Configuration of the management API. */
export interface ManagementConfig {
  /** Whether the public port serves the API. */
  readonly isPublic: boolean
  /** Separate port that serves the API; undefined if there is none. */
  readonly port: number | undefined
  /** Maximum number of calls of a user per minute; 0 means that there is no limit. */
  readonly callsPerMinute: number
  /** Days for which the audit log keeps a call. */
  readonly auditDays: number
}

export interface ReadVariables {
  readonly flag: (name: keyof typeof managementVariables) => boolean
  readonly number: (name: keyof typeof managementVariables) => number | undefined
}

export function readManagement({ flag, number }: ReadVariables): ManagementConfig {
  const port = number('ADMIN_PORT')
  return {
    isPublic: flag('MANAGEMENT') && port === undefined,
    port,
    callsPerMinute: number('MANAGEMENT_RATE_LIMIT') ?? 0,
    auditDays: number('AUDIT_DAYS') ?? 0,
  }
}
