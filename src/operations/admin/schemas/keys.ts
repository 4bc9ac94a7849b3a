import { z } from 'zod'
import { reason, tenantId, time } from './common.ts'
import { keyText, tag } from './purges.ts'
import { operationInput, role } from './warming.ts'

/** A write or purge that invalidated a value. */
export const write = z.object({
  clock: z.number().int().describe('Position of the invalidation log.'),
  at: time.nullable(),
  causes: z.array(z.string()).describe('What wrote: the mutation, the operator or the program.'),
  tag: tag.nullable().describe('Tag of the value that was invalidated.'),
})

export const copy = z.object({
  isServed: z.boolean(),
  because: z.string(),
  ageMs: z.number(),
  freshMs: z.number().describe('Remaining TTL, ms; negative if it has ended.'),
  costMs: z.number().describe('Duration of the load, ms.'),
  stamp: z.number().int().describe('Position of the invalidation log up to which the copy is known to be valid.'),
  tags: z.array(tag),
  invalidatedBy: write.nullable(),
})

export const keyState = z.object({
  key: z.string(),
  tenant: tenantId,
  policy: z.string(),
  sentence: z.string().describe('Where the value is, how old it is, and what a reader would get now.'),
  memory: copy.nullable(),
  shared: copy.nullable(),
  loadingForMs: z.number().nullable(),
  lastWrite: write.nullable().describe('The newest invalidation of the value that this process remembers.'),
})

export const lookQuery = z.strictObject({ key: keyText })
export const look = keyState.extend({
  value: z.unknown().optional().describe('The cached value. Absent if it is not cached or is redacted.'),
  isRedacted: z.boolean().describe('Whether the value is left out because the role may not see it.'),
})

export const explainBody = z.strictObject({
  key: keyText.optional(),
  operation: operationInput
    .extend({ userId: z.string().max(128).optional(), role: z.union([role, z.literal('OPERATOR')]).default('VIEWER') })
    .optional(),
})

const part = z.object({
  path: z.string().describe('Path of the value in the answer, such as `campaigns.nodes[3].domainCount`.'),
  subject: z
    .string()
    .nullable()
    .describe('Row that the value is, or belongs to, such as `Campaign acme:42`; null for a value of no single row.'),
  policy: z.string(),
  layer: z.string().describe('Layer that answered.'),
  ageMs: z.number(),
  ttlMs: z.number(),
  reason: z.string().nullable(),
  because: z.string().describe('Why the value is as old as it is, in words.'),
  tags: z.array(tag),
  lastWrite: write.nullable(),
})

export const explanation = z.object({
  answer: keyState.nullable().describe('The cached answer as a whole; null if it is not cached as a whole.'),
  parts: z.array(part).describe('The parts of the answer that were read, at most 200 of them.'),
  partCount: z.number().int().describe('Number of all parts.'),
  notCachedBecause: z.string().nullable(),
  sentence: z.string().describe('Why the answer is as old as it is, in one sentence: its oldest part.'),
  wholeAnswer: z.string().nullable().describe('Whether the answer as a whole is cached, and if not, why; null for a key.'),
  execution: z.string().nullable().describe('That explaining executed the operation, and which parts it loaded; null for a key.'),
})

export const deleteKeyBody = z.strictObject({ key: keyText, dryRun: z.boolean().default(false), reason: reason.optional() })
