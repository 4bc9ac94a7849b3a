import { z } from 'zod'
import { reason, tenantId, time } from './common.ts'

export const role = z.enum(['VIEWER', 'EDITOR', 'ADMIN'])

/** An operation as a client would send it, and the caller for whom it is executed. */
export const operationInput = z.strictObject({
  query: z.string().min(1).max(100_000),
  operationName: z.string().max(200).optional(),
  variables: z.record(z.string(), z.unknown()).default({}),
  tenant: tenantId.optional().describe('Tenant of the caller. Default: the own tenant for an ADMIN, an anonymous caller for an OPERATOR.'),
  role: role.default('VIEWER'),
})

export const warmBody = z.strictObject({
  operations: z.array(operationInput).min(1).max(200).optional().describe('Operations to execute.'),
  hottest: z.number().int().min(1).max(1000).optional().describe('Number of recorded operations to execute, hottest first.'),
  tenant: tenantId.optional().describe('Tenant of the recorded operations. An ADMIN gets the own tenant.'),
  dryRun: z.boolean().default(false),
  reason: reason.optional(),
})

const done = z.object({ cached: z.number().int(), executed: z.number().int(), refused: z.number().int(), failed: z.number().int() })

const warmRun = z.object({
  instance: z.string().describe('Id of the process.'),
  startedAt: time,
  endedAt: time,
  reason: z.enum(['start', 'deploy', 'invalidation', 'schedule', 'command']),
  warmed: z.number().int().describe('Operations that were executed or already cached.'),
  failed: z.number().int().describe('Operations that were refused or failed.'),
  recoveredMs: z
    .number()
    .nullable()
    .describe(
      'Time from the start of the warm-up until 90 % of the share of cached answers in the minute before, ms, in steps of two seconds. Null if it has not come yet, or too few answers were counted before.',
    ),
})

export const warmProgress = z.object({
  isRunning: z.boolean(),
  reason: z.string().nullable(),
  total: z.number().int(),
  done,
  durationMs: z.number(),
})

export const warmState = warmProgress.extend({
  isOn: z.boolean().describe('Whether the process that answers records operations and can warm. WARMING=on and CACHE=on turn it on.'),
  waiting: z.number().int().describe('Warm-ups that wait for the running one.'),
  runs: z
    .array(warmRun)
    .max(50)
    .nullable()
    .describe('The last warm-ups of each process that is alive, newest first. Null for an ADMIN, because warm-ups concern all tenants.'),
})

export const warmResult = warmProgress.extend({ dryRun: z.boolean(), planned: z.number().int() })
