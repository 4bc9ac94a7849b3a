import { z } from 'zod'
import { judgedTimes, limitOf, lineOfText, ofTenant, ofWindow, share, tenantId, time, timeRange, waitingTimes } from './common.ts'
import { tag } from './purges.ts'

export const tagsQuery = z.strictObject({
  ...ofTenant,
  prefix: lineOfText(200).default('').describe('Beginning of the tags.'),
  sort: z.enum(['entries', 'bytes', 'hits', 'age']).default('entries').describe('Largest first; for `age`, the oldest entry first.'),
  limit: limitOf(1000, 100),
})
export const tags = z.object({
  tags: z.array(
    z.object({
      tag,
      entries: z.number().int().describe('Entries in the memory of the process that answers.'),
      bytes: z.number().describe('Estimated size of these entries, bytes.'),
      hits: z.number().int().describe('Sum of the recent uses of these entries: see GET /keys.'),
      oldestMs: z.number().nullable().describe('Age of the oldest of these entries, ms; null without entries.'),
    }),
  ),
  isComplete: z.boolean().describe('False if the process has more tags than are counted (50,000).'),
})

export const keysQuery = z.strictObject({
  ...ofTenant,
  prefix: lineOfText(250).default('').describe('Beginning of the keys, such as `acme:Campaign`.'),
  tag: tag.optional().describe('Only keys with this tag.'),
  sort: z.enum(['size', 'hits', 'age']).default('size').describe('Largest, most used or oldest first.'),
  limit: limitOf(500, 50),
})
const cachedKey = z.object({
  key: z.string(),
  policy: z.string(),
  tenant: tenantId,
  arguments: z.string().nullable().describe('Arguments of the value, as JSON; null if the key contains a hash of them.'),
  bytes: z.number().describe('Estimated size of the entry in memory, bytes.'),
  hits: z
    .number()
    .int()
    .describe(
      'Recent uses, 0 to 15, by which the cache decides what stays in memory. All are halved from time to time, so they compare keys and count nothing.',
    ),
  ageMs: z.number().describe('Time since the value was loaded, ms.'),
  ttlMs: z.number().describe('Remaining TTL, ms; negative if it has ended.'),
  tags: z.array(tag).describe('At most 50 of the tags. An ADMIN sees only those of the own tenant and of public data.'),
})
export const keys = z.object({
  total: z.number().int().describe('Number of keys that match, of which `limit` are listed.'),
  keys: z.array(cachedKey),
})

export const invalidationsQuery = z.strictObject({
  ...ofTenant,
  tag: tag.optional().describe('Only invalidations of this tag.'),
  cause: lineOfText(200).optional().describe('Only invalidations with this cause, such as `mutation pauseCampaign`.'),
  after: z.coerce
    .number()
    .int()
    .min(0)
    .optional()
    .describe(
      'Only rows of the current epoch of the log after this position, oldest first. For following the log. If the position in the answer is lower, the database was restored: read the log without this parameter.',
    ),
  limit: limitOf(500, 50),
})

export const invalidation = z.object({
  clock: z.number().int().describe('Position of the invalidation log.'),
  epoch: z.string(),
  at: time,
  causes: z.array(z.string()),
  tables: z.array(z.string()).describe('Tables of the changed rows.'),
  tags: z.array(tag).describe('Invalidated tags, at most 50 of them. An ADMIN sees only those of the own tenant.'),
  tagCount: z.number().int(),
  lagMs: z.number().nullable().describe('Time from the write until an instance had applied it, ms.'),
})
export const invalidations = z.object({ clock: z.number().int(), invalidations: z.array(invalidation) })

export const writeCostsQuery = z.strictObject({
  ...ofTenant,
  ...ofWindow,
  cause: lineOfText(200).optional().describe('Only writes of this cause, such as `mutation pauseCampaign`.'),
  limit: limitOf(500, 100),
})

const reloadCounts = {
  reloads: z.number().int().describe('Values that were loaded again because the write had voided their copy.'),
  needlessReloads: z.number().int().describe('Reloads that returned the value that had been invalidated.'),
  loadMs: z
    .number()
    .describe('Time of the database that the reloads took, ms. A call that loads many values is divided among them in equal parts.'),
  answers: z.number().int().describe('Whole answers that were composed again. What they loaded is counted as reloads.'),
}
export const writeCost = z.object({
  cause: z
    .string()
    .describe(
      'Cause of the writes. `system unknown` stands for reloads whose write is not known, `system reset` for those after a full reset, `other` for all causes beyond the 500 busiest pairs of a cause and a field.',
    ),
  writes: z.number().int().describe('Statements that invalidated something; 0 if only the reloads are in the time range.'),
  rows: z.number().int().describe('Rows of the invalidation log that contain such writes: see GET /invalidations.'),
  tags: z.number().int().describe('Tags that the writes invalidated.'),
  voidedEntries: z
    .number()
    .int()
    .describe(
      'Cached entries that the writes are known to have voided: those that a read of any process found void, and those that wait in the memory of the process that answers. Entries of other processes that nobody reads again are not known.',
    ),
  waitingEntries: z
    .number()
    .int()
    .describe('Part of `voidedEntries`: entries in the memory of the process that answers that nobody has read since.'),
  ...reloadCounts,
  appliedP50Ms: z.number().nullable().describe('Median time from the write until the slowest process had applied it, ms.'),
  appliedMaxMs: z.number().nullable().describe('Greatest time from a write until the slowest process had applied it, ms.'),
  lastAt: time.nullable().describe('Time of the newest write; null if only the reloads are in the time range.'),
  fields: z
    .array(
      z.object({
        field: z.string(),
        ...reloadCounts,
        operations: z
          .array(z.string())
          .describe(
            'Operations that read the field in the process that answers, at most 3: those with most requests. Empty for whole answers.',
          ),
      }),
    )
    .describe('The same by field, at most 10: those that took most time.'),
})
export const writeCosts = z.object({
  at: time,
  range: timeRange,
  uncounted: z
    .object({
      before: time.nullable().describe('Time from which reloads are counted by write; null if they are not in the time range.'),
      reloads: z.number().int().describe('Reloads of all fields before it, which no write is charged with.'),
    })
    .nullable()
    .describe(
      'Part of the time range in which reloads were not counted by write, because a version stored it that did not; null if all were.',
    ),
  total: z.number().int().describe('Number of causes, of which `limit` are listed.'),
  writes: z.array(writeCost),
})

const instance = z.object({
  id: z.string(),
  version: z.string(),
  host: z.string(),
  pid: z.number().int(),
  startedAt: time,
  seenAt: time,
  isAlive: z.boolean().describe('Whether the process reported in time.'),
  isAnswering: z.boolean().describe('Whether this process answers the request.'),
  epoch: z.string(),
  clock: z.number().int().describe('Position of the invalidation log that the process has applied.'),
  lagMs: z.number().nullable(),
  memoryEntries: z.number().int(),
  memoryBytes: z.number(),
  heapBytes: z.number(),
  redis: z.enum(['up', 'down', 'none']),
  policies: z.number().int().describe('Version of the stored overrides of cache policies that the process uses.'),
  eventLoopLagMs: z
    .number()
    .nullable()
    .describe('99th percentile of the delay of the event loop since the report before, ms; null for an older version.'),
  eventLoopUtilization: share.describe(
    'Share of the last minute for which the event loop was busy; null in the first seconds of the process, and for an older version.',
  ),
  waiting: z
    .object({
      redis: judgedTimes.nullable().describe('Commands of the cache to Redis; null without Redis.'),
      statement: judgedTimes.nullable().describe('SQL statements.'),
      connection: judgedTimes.nullable().describe('Time until a caller got a connection of the pool; null with the embedded database.'),
      eventLoop: waitingTimes.nullable().describe('Delay of the event loop, which is a part of the others.'),
    })
    .nullable()
    .describe('How long the process waited in the last minute, and what is usual; null for an older version.'),
  breaker: z.enum(['closed', 'half-open', 'open']).nullable().describe('Circuit breaker for Redis; null without Redis.'),
  shadow: z
    .object({ equal: z.number().int(), withinBound: z.number().int(), violations: z.number().int(), undecided: z.number().int() })
    .nullable()
    .describe('Comparisons by shadow mode since the start of the process, by outcome; null for an older version.'),
  tenants: z
    .array(z.object({ tenant: z.string(), bytes: z.number() }))
    .nullable()
    .describe('The ten tenants with the largest entries in memory; null for an older version.'),
})
export const instances = z.object({ at: time, instances: z.array(instance) })

export const auditQuery = z.strictObject({
  ...ofTenant,
  endpoint: lineOfText(60).optional(),
  method: z.enum(['GET', 'POST']).optional().describe('`POST`: only calls that change something, explain, or try it as a dry run.'),
  outcome: lineOfText(40).optional().describe('`ok`, `started`, or the code of an error.'),
  userId: lineOfText(128).optional(),
  before: z.coerce.number().int().min(1).optional().describe('Only rows with a smaller id.'),
  limit: limitOf(500, 50),
})
export const auditRow = z.object({
  id: z.number().int(),
  at: time,
  tenant: tenantId.nullable(),
  userId: z.string().nullable(),
  role: z.string().nullable(),
  endpoint: z.string(),
  arguments: z.record(z.string(), z.unknown()),
  outcome: z.string(),
  durationMs: z.number().nullable(),
  address: z.string(),
  instance: z.string(),
})
export const audit = z.object({ rows: z.array(auditRow) })

export const apiError = z.object({
  errors: z
    .array(
      z.object({
        message: z.string(),
        extensions: z.object({
          code: z.string().describe('Stable code: see docs/errors.md.'),
          requestId: z.string(),
          path: z.string().optional().describe('Item that was wrong, such as `tags[3]`.'),
        }),
      }),
    )
    .min(1),
})
