import { z } from 'zod'
import { lineOfText, misses, ofTenant, ofWindow, share, tenantId, time, timeRange } from './common.ts'

const subject = lineOfText(255).min(1).optional()

export const seriesQuery = z.strictObject({
  ...ofTenant,
  ...ofWindow,
  operation: subject.describe('Only this operation (OPERATOR).'),
  field: subject.describe('Only this cache policy, such as `Campaign` or `Query.campaigns` (OPERATOR).'),
  step: z
    .enum(['auto', 'minute', 'hour', 'day'])
    .default('auto')
    .describe('Length of a step, UTC. `auto` chooses one that gives at most 300 points. Minutes are kept for two days.'),
})

const point = z.object({
  at: time.describe('Beginning of the step.'),
  requests: z.number().int().describe('Answers to GraphQL operations. For a field: reads.'),
  answers: z
    .record(z.string(), z.number().int())
    .describe('Answers by the layer that answered. For a field: reads by layer. Zeros are left out.'),
  answersFromCache: share.describe('Share of the answers that did not wait for the database. Null for a field.'),
  hitRate: share.describe('Field hit rate: hits divided by reads of fields. Null for an operation or a tenant.'),
  reachableHitRate: share.describe(
    'Field hit rate that could be reached. Null for an operation or a tenant, because causes are counted by field.',
  ),
  misses: misses.nullable().describe('Misses by cause. Null for an operation or a tenant.'),
  loadMs: z.number().nullable().describe('Time spent in loads from the database, ms. Null for an operation or a tenant.'),
  savedMs: z.number().describe('Time that cached copies saved, ms.'),
  invalidations: z.number().int().nullable().describe('Rows of the invalidation log that were applied. Null for an operation or a field.'),
})

const mark = z.object({
  at: time,
  kind: z.enum(['deploy', 'purge', 'reset', 'bulk invalidation', 'policy']),
  text: z.string().describe('What happened, in one sentence.'),
  by: z.string().nullable().describe('User, mutation or program; null for a deploy.'),
})

export const drop = z.object({
  rate: z.enum(['field hit rate', 'share of answers from cache']).describe('Rate that fell. For a tenant, only whole answers are counted.'),
  at: time.describe('Beginning of the first step of the fall.'),
  lowestAt: time.describe('Beginning of the step with the lowest rate.'),
  until: time.nullable().describe('Beginning of the first step in which four fifths of the fall were made up. Null if they were not.'),
  before: z.number().describe('Rate in the last step before the fall, 0 to 1: the value of its point.'),
  after: z.number().describe('Lowest rate, 0 to 1: the value of the point at `lowestAt`.'),
  sentence: z
    .string()
    .describe('How far the rate fell, and why. For a tenant, or if the reasons could not be found in time: only how far.'),
  field: z.string().nullable(),
  cause: z.string().nullable(),
  write: z
    .string()
    .nullable()
    .describe('Cause of the writes that invalidated most of what was read again. They began in the first step of the fall, or before it.'),
})

export const series = z.object({
  at: time.describe('Time of the answer.'),
  completeUntil: time.describe(
    'Time up to which the figures of all processes are complete. A step that ends later is still being counted.',
  ),
  tenant: tenantId.nullable().describe('Tenant of the figures; null for all tenants.'),
  range: timeRange.describe('The time range, extended to whole steps.'),
  stepMs: z.number().int(),
  points: z.array(point).max(301).describe('One point for each step, oldest first, also for steps without requests.'),
  marks: z.array(mark).max(200).describe('Newest 200 events that can explain a change, oldest first. Empty for an operation or a field.'),
  drops: z
    .array(drop)
    .max(3)
    .describe('The three largest falls of the rate by more than 5 points, oldest first. Empty for an operation or a field.'),
})
