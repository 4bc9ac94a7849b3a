import { z } from 'zod'
import { limitOf, lineOfText, ofTenant, ofWindow, readFigures, share, tenantId, time, timeRange } from './common.ts'
import { writeCost } from './logs.ts'

export const statsQuery = z.strictObject({ ...ofTenant, ...ofWindow })

const redisState = z.object({
  isReady: z.boolean().describe('Whether this process is connected to Redis.'),
  isWritable: z.boolean().describe('Whether Redis accepts writes.'),
  usedMemoryBytes: z.number().nullable(),
  maxMemoryBytes: z.number().nullable().describe('0 means that Redis has no limit.'),
  maxMemoryPolicy: z.string().nullable(),
  connectedClients: z.number().nullable(),
  evictedKeys: z.number().nullable(),
  keyspaceHits: z.number().nullable(),
  keyspaceMisses: z.number().nullable(),
})

const postgresState = z.object({
  isReachable: z.boolean(),
  version: z.string().nullable(),
  connections: z.number().nullable().describe('Open connections of the server.'),
  maxConnections: z.number().nullable(),
  logRows: z.number().nullable().describe('Rows in the invalidation log.'),
})

export const stats = z.object({
  at: time,
  tenant: tenantId.nullable().describe('Tenant of the figures; null for all tenants.'),
  range: timeRange,
  figures: readFigures,
  answers: z.record(z.string(), z.number().int()).describe('Answers to GraphQL operations, by the layer that answered.'),
  requests: z.number().int(),
  requestErrors: z.number().int(),
  requestsPerSecond: z.number().describe('Answers per second in the minute that is running and the one before it.'),
  savedMsPerMinute: z.number().describe('Time that cached copies saved per minute, ms, in the same two minutes.'),
  latency: z
    .object({
      hitP50Ms: z.number().nullable(),
      hitP99Ms: z.number().nullable(),
      missP50Ms: z.number().nullable(),
      missP99Ms: z.number().nullable(),
    })
    .nullable()
    .describe(
      'Durations of answers of all processes in the time range, rounded up by at most a half. A hit is an answer without a read of the database. Null for an ADMIN, because they are not counted by tenant.',
    ),
  lag: z.object({
    nowMs: z.number().nullable().describe('Time since the last sync of the invalidation log; null if the log is not being followed.'),
    worstMs: z.number().nullable().describe('Greatest time from COMMIT until an instance had applied a write, in the time range.'),
    boundMs: z.number().describe('Staleness bound.'),
  }),
  breakers: z
    .array(z.object({ name: z.string(), state: z.enum(['closed', 'half-open', 'open']) }))
    .describe('Circuit breakers: the worst state of all processes that are alive. Empty without Redis.'),
  probe: z
    .object({
      checks: z.number().int(),
      violations: z.number().int().describe('Cached values that were stale beyond the promise. Must be 0.'),
    })
    .describe('Stale-read probe: comparisons with the database by the processes that are alive, since their start.'),
  instances: z.object({
    alive: z.number().int().describe('Processes that reported in the last 15 s.'),
    known: z.number().int().describe('Processes that reported in the last ten minutes and did not say that they stop.'),
  }),
  memory: z
    .object({ entries: z.number().int(), bytes: z.number() })
    .nullable()
    .describe('Cache in the memory of the process that answers. Null for an ADMIN.'),
  redis: redisState.nullable().describe('Null if no Redis is configured, or for an ADMIN.'),
  postgres: postgresState.nullable().describe('Null for an ADMIN.'),
})

export const queryStatsQuery = z.strictObject({
  ...ofTenant,
  ...ofWindow,
  by: z.enum(['operation', 'field']).default('operation'),
  sort: z.enum(['requests', 'misses', 'durationMs', 'loadMs', 'savedMs', 'impact', 'changeRate']).default('requests'),
  name: lineOfText(255).optional().describe('Only names that contain this text, in upper or lower case.'),
  offset: z.coerce.number().int().min(0).max(100_000).default(0).describe('Number of rows to skip, for pages.'),
  limit: limitOf(200, 50),
})

const operationStats = z.object({
  operation: z
    .string()
    .describe('Name of the operation, or its hash if it has no name. `other` stands for all operations beyond the first 200.'),
  requests: z.number().int(),
  answers: z.record(z.string(), z.number().int()),
  hitRate: share,
  errors: z.number().int(),
  impact: z.number().describe('Share of all answers that would be hits if this operation had no misses, 0 to 1.'),
  durationMs: z.number().describe('Sum of the durations, ms.'),
  loadMs: z.number().describe('Part of the durations that answers with a read of the database took, ms.'),
  hitMs: z.number().nullable().describe('Mean duration of an answer without a read of the database, ms; null if there was none.'),
  missMs: z.number().nullable().describe('Mean duration of an answer with a read of the database, ms; null if there was none.'),
  layerMs: z.record(z.string(), z.number()).describe('Mean duration of the answers of each layer, ms.'),
  savedMs: z.number(),
  bytes: z.number(),
})

const fieldStats = readFigures.extend({
  field: z.string().describe('Cache policy, such as `Campaign` or `Query.campaigns`.'),
  impact: z
    .number()
    .describe('Share of all reads that would turn from misses into hits if the field reached its reachable hit rate, 0 to 1.'),
  changeRate: z.number().describe('Reads per minute that missed because a write or a purge had invalidated the copy.'),
})

export const queryStats = z.object({
  range: timeRange,
  total: z.number().int().describe('Number of operations or fields that match, of which `limit` are listed.'),
  operations: z.array(operationStats),
  fields: z.array(fieldStats),
})

export const reportQuery = z.strictObject({
  ...ofTenant,
  ...ofWindow,
  at: time.optional().describe('Moment of a drop. The report compares the hit rate before and after it, and says why the hit rate fell.'),
})

const recommendation = z.object({
  code: z.string().describe('Stable name of the kind of recommendation.'),
  subject: z.string().describe('Field, operation or setting that should be changed.'),
  finding: z.string().describe('What is wrong, in one sentence.'),
  evidence: z.record(z.string(), z.union([z.number(), z.string()])).describe('Figures that show it.'),
  change: z.string().describe('What to change in the schema or in the configuration, in one sentence.'),
  snippets: z
    .array(z.object({ where: z.string().describe('Where the text belongs.'), text: z.string() }))
    .describe('Exact texts of the change, to copy. Empty if a person must decide first.'),
  expected: z.string().describe('What the change would bring.'),
  cost: z.string().describe('What the change costs.'),
})

export const report = z.object({
  at: time,
  tenant: tenantId.nullable(),
  range: timeRange,
  hitRate: share,
  reachableHitRate: share,
  summary: z.string().describe('One sentence about the hit rate and what keeps it from the reachable one.'),
  drop: z
    .object({
      at: time,
      hitRateBefore: share,
      hitRateAfter: share,
      sentence: z.string().describe('Why the hit rate fell: the field, the cause and, for invalidations, the write.'),
      field: z.string().nullable(),
      cause: z.string().nullable(),
      write: z.string().nullable(),
    })
    .nullable()
    .describe('Null if no moment was named and the hit rate did not fall.'),
  writes: z.array(writeCost).describe('The kinds of writes whose reloads took most time, at most 5: see GET /write-costs.'),
  recommendations: z.array(recommendation),
})
