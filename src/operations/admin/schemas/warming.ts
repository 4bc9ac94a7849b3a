import { z } from 'zod'
import { reason, tenantId } from './common.ts'

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

export const warmProgress = z.object({
  isRunning: z.boolean(),
  reason: z.string().nullable(),
  total: z.number().int(),
  done,
  durationMs: z.number(),
})

export const warmResult = warmProgress.extend({ dryRun: z.boolean(), planned: z.number().int() })
