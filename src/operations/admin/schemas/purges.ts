import { z } from 'zod'
import { lineOfText, reason, tenantId, time, typeName } from './common.ts'

/** Text of a tag. It begins with its tenant: see the spelling of tags in docs/management-api.md. */
export const tag = lineOfText(512).min(1)

export const keyText = lineOfText(250).min(3).describe('Text of a cache key, as `explain` returns it.')

const tenant = tenantId
  .optional()
  .describe('Tenant. An ADMIN may name only the own tenant. Default: the own tenant for an ADMIN, all tenants for an OPERATOR.')
const dryRun = z.boolean().default(false).describe('If true, nothing is invalidated. The answer says what would be.')

export const invalidateBody = z.strictObject({
  tenant,
  tags: z.array(tag).min(1).max(1000).optional().describe('Tags to invalidate, such as `acme:Campaign:42`.'),
  pattern: z
    .string()
    .min(1)
    .max(64)
    .optional()
    .describe('Pattern of type names, such as `Camp*`. A pattern that matches every type is refused.'),
  table: z
    .string()
    .regex(/^[a-z][a-z0-9_]{0,62}$/)
    .optional()
    .describe('Table whose rows are read by the values, such as `campaigns`.'),
  key: keyText.optional().describe('One cache key.'),
  dryRun,
  reason: reason.optional(),
})

export const clearAllBody = z.strictObject({
  confirm: z.string().describe('Name of the tenant whose values are invalidated, or `all` for every tenant (OPERATOR only).'),
  dryRun,
  reason: reason.optional(),
})

export const bumpBody = z.strictObject({
  namespace: z
    .strictObject({
      tenant: tenantId.optional(),
      type: typeName.optional(),
      all: z.literal(true).optional().describe('Every namespace of every tenant. OPERATOR only.'),
    })
    .describe('A tenant, a type of a tenant, or all.'),
  reason: reason.optional(),
})

/** State of one process after a purge. */
export const confirmation = z.object({
  instance: z.string(),
  host: z.string(),
  state: z
    .enum(['applied', 'lease ended', 'pending'])
    .describe(
      '`applied`: the process has applied the purge. `lease ended`: the process did not confirm, but the staleness bound has passed, so it serves no cached value before it has read the invalidation log. `pending`: the process may still serve an old value.',
    ),
})

/** State of one edge after a purge. */
const edgeConfirmation = z.object({
  edge: z.string().describe('Host of the CDN or proxy.'),
  state: z
    .enum(['purged', 'pending'])
    .describe(
      '`purged`: nothing from before the purge is stored there. `pending`: the edge did not confirm in time, and is purged as soon as it can be.',
    ),
})

export const purgeResult = z.object({
  dryRun: z.boolean(),
  tags: z.array(tag).describe('Invalidated tags, at most 100 of them.'),
  tagCount: z.number().int(),
  matched: z.object({
    count: z.number().int().describe('Entries in the memory of the process that answers that have one of the tags.'),
    examples: z.array(z.object({ key: z.string(), tags: z.array(tag) })).max(20),
  }),
  position: z
    .object({ epoch: z.string(), clock: z.number().int() })
    .nullable()
    .describe('Position of the invalidation log; null for a dry run.'),
  isComplete: z.boolean().describe('Whether no process and no edge serves an old value any more. False for a dry run.'),
  instances: z.array(confirmation),
  edges: z.array(edgeConfirmation).describe('Edges that may store responses with the tags; empty if there are none.'),
  waitedMs: z.number(),
})

export const bumpResult = purgeResult.extend({
  namespace: z.string(),
  version: z.number().int().describe('New version of the namespace: the position of the invalidation log.'),
})

const namespace = z.object({
  type: z.string(),
  table: z.string(),
  policies: z.array(z.string()).describe('Cache policies whose values depend on the type.'),
  isCached: z.boolean().describe('False if the triggers of the table do not emit all tags, so that the type is not cached.'),
})

export const namespacesQuery = z.strictObject({ tenant })
export const namespaces = z.object({ tenant: tenantId.nullable(), at: time, clock: z.number().int(), namespaces: z.array(namespace) })
