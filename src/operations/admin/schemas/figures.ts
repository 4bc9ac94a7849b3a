import { z } from 'zod'
import {
  limitOf,
  lineOfText,
  missCause,
  ofTenant,
  ofWindow,
  readFigures,
  share,
  slowestTimes,
  tenantId,
  time,
  timeRange,
} from './common.ts'
import { writeCost } from './logs.ts'
import { drop } from './series.ts'

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
  commands: slowestTimes.nullable().describe('Commands of the cache, as the process that waits longest for them measures them.'),
})

const postgresState = z.object({
  isReachable: z.boolean(),
  version: z.string().nullable(),
  connections: z.number().nullable().describe('Open connections of the server.'),
  maxConnections: z.number().nullable(),
  logRows: z.number().nullable().describe('Rows in the invalidation log, as PostgreSQL estimates them.'),
  statements: slowestTimes.nullable().describe('SQL statements, as the process that waits longest for them measures them.'),
  connectionWaits: slowestTimes
    .nullable()
    .describe('Time until a caller got a connection of the pool, in the process that waits longest. Null with the embedded database.'),
})

export const stats = z.object({
  at: time,
  tenant: tenantId.nullable().describe('Tenant of the figures; null for all tenants.'),
  range: timeRange,
  figures: readFigures.describe('Reads of fields. They are not counted by tenant: for one tenant, only `savedMs` is known.'),
  answers: z.record(z.string(), z.number().int()).describe('Answers to GraphQL operations, by the layer that answered.'),
  answersFromCache: share.describe('Share of these answers that did not wait for the database. Null without answers.'),
  requests: z.number().int(),
  requestErrors: z.number().int(),
  requestsPerSecond: z.number().describe('Answers per second in the minute that is running and the one before it.'),
  savedMsPerMinute: z.number().describe('Time that cached copies saved per minute, ms, in the same two minutes.'),
  now: z
    .object({
      answersFromCache: share,
      hitRate: share.describe('Field hit rate. Null for one tenant, because reads of fields are not counted by tenant.'),
      reachableHitRate: share,
    })
    .describe('The rates in the same two minutes. Null if nothing was counted in them.'),
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
  shadow: z
    .object({
      compared: z.number().int().describe('Served values that equal the database, and violations.'),
      withinBound: z.number().int().describe('Values that differed, as the staleness bound allows. Not part of `compared`.'),
      violations: z.number().int().describe('Values that differed, although the promise does not allow it. Must be 0.'),
      undecided: z.number().int().describe('Values that could not be judged, for example because the load failed. Not part of `compared`.'),
      maxViolationShare: z
        .number()
        .nullable()
        .describe(
          'Upper bound of the share of violations among all served copies, with a confidence of 95 %; null if nothing was compared.',
        ),
    })
    .describe('Shadow mode: comparisons with the database by the processes that are alive, since their start.'),
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
  sort: z.enum(['requests', 'misses', 'durationMs', 'loadMs', 'savedMs', 'gain', 'changeRate']).default('requests'),
  name: lineOfText(255).optional().describe('Only names that contain this text, in upper or lower case.'),
  trend: z.enum(['true', 'false']).default('false').describe('Whether each row has its rate in about 24 steps of the time range.'),
  offset: z.coerce.number().int().min(0).max(100_000).default(0).describe('Number of rows to skip, for pages.'),
  limit: limitOf(200, 50),
})

const trend = z
  .array(share)
  .nullable()
  .describe('Rate in equal steps, oldest first; null for a step without answers or reads. Null if `trend` was not given.')

const operationStats = z.object({
  operation: z
    .string()
    .describe('Name of the operation, or its hash if it has no name. `other` stands for all operations beyond the first 200.'),
  requests: z.number().int(),
  answers: z.record(z.string(), z.number().int()),
  answersFromCache: share.describe('Share of its answers that did not wait for the database.'),
  errors: z.number().int(),
  missShare: z
    .number()
    .describe(
      'Share of the answers to all operations that waited for the database and were answers to this one, 0 to 1. The sum of all operations and the answers from cache is 1.',
    ),
  durationMs: z.number().describe('Sum of the durations, ms.'),
  loadMs: z.number().describe('Part of the durations that answers with a read of the database took, ms.'),
  hitMs: z.number().nullable().describe('Mean duration of an answer without a read of the database, ms; null if there was none.'),
  missMs: z.number().nullable().describe('Mean duration of an answer with a read of the database, ms; null if there was none.'),
  layerMs: z.record(z.string(), z.number()).describe('Mean duration of the answers of each layer, ms.'),
  savedMs: z.number(),
  bytes: z.number(),
  trend,
})

const fieldStats = readFigures.extend({
  field: z.string().describe('Cache policy, such as `Campaign` or `Query.campaigns`.'),
  gain: z
    .number()
    .describe(
      'Share of the reads of all fields that would turn from misses into hits if the field reached its reachable hit rate, 0 to 1.',
    ),
  changeRate: z.number().describe('Reads per minute that missed because a write or a purge had invalidated the copy.'),
  trend,
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

export const recommendation = z.object({
  code: z.string().describe('Stable name of the kind of recommendation.'),
  subject: z.string().describe('Field, operation or setting that should be changed.'),
  finding: z.string().describe('What is wrong, in one sentence.'),
  evidence: z.record(z.string(), z.union([z.number(), z.string()])).describe('Figures that show it.'),
  change: z.string().describe('What to change in the schema or in the configuration, in one sentence.'),
  snippets: z
    .array(z.object({ where: z.string().describe('Where the text belongs.'), text: z.string() }))
    .describe('Exact texts of the change, to copy. Empty if a person must decide first.'),
  gain: z
    .object({
      points: z
        .number()
        .nullable()
        .describe('Points of the field hit rate, of the reads of all fields in the time range. Null if they are not known.'),
      text: z.string().describe('What the change would bring, in one sentence; why the points are not known, if they are not.'),
    })
    .describe('What the change would bring.'),
  cost: z
    .object({
      amount: z.number().nullable().describe('Null if it is not known.'),
      unit: z
        .enum(['bytes', 'seconds of staleness', 'loads', 'points'])
        .describe('Unit of the amount. Points are lost points of the field hit rate.'),
      text: z.string().describe('What the change costs, in one sentence; why the amount is not known, if it is not.'),
    })
    .describe('What the change costs.'),
  about: z
    .object({ cause: missCause, points: z.number().describe('Points of the field hit rate.') })
    .describe('The misses that the recommendation is about. The gain is at most as much.'),
})

export const report = z.object({
  at: time,
  tenant: tenantId.nullable(),
  range: timeRange,
  hitRate: share.describe('Field hit rate.'),
  reachableHitRate: share.describe('Field hit rate that could be reached.'),
  summary: z.string().describe('One sentence about the field hit rate and what keeps it from the reachable one.'),
  drop: drop
    .nullable()
    .describe('Largest fall of the field hit rate, or the comparison of the time before and after `at`. Null if it did not fall.'),
  falls: z
    .array(drop)
    .describe(
      'All falls of the field hit rate by more than 5 points in the time range, at most 3, the largest first. The first one is `drop`, unless `at` is given.',
    ),
  writes: z.array(writeCost).describe('The kinds of writes whose reloads took most time, at most 5: see GET /write-costs.'),
  recommendations: z.array(recommendation),
  missing: z
    .array(
      z.object({
        cause: missCause,
        points: z.number().describe('Points of the field hit rate that misses of this cause cost.'),
        covered: z.number().describe('Part of the points that a recommendation is about.'),
        text: z.string().describe('Why nothing can be done about the others, in one or two sentences.'),
      }),
    )
    .describe('What each cause of misses costs, the most first. All points and the field hit rate add up to 100.'),
  memory: z
    .array(
      z.object({
        bytes: z.number().int().describe('Size of the cache in the memory of a process: CACHE_MEMORY_BYTES.'),
        missRatio: z.number().describe('Share of the reads that would find no copy in memory of that size, 0 to 1.'),
      }),
    )
    .nullable()
    .describe(
      'Miss-ratio curve of the process that answers, for a quarter, half, once, twice and four times its memory: simulated with a sample of its keys. A copy in Redis counts as a miss. Null if nothing was read.',
    ),
})
