import { z } from 'zod'

/** A text without control characters, which PostgreSQL refuses (NUL) or which would break the lines of a log. @param max Maximum length. */
export const lineOfText = (max: number) =>
  z
    .string()
    .max(max)
    .regex(/^\P{Cc}*$/u)

/** Id of a tenant, as in access tokens. */
export const tenantId = z.string().regex(/^[a-z0-9][a-z0-9_-]{0,62}$/)

/** Name of a declared type, such as `Campaign`. */
export const typeName = z.string().regex(/^[A-Z][A-Za-z0-9]{0,62}$/)

/** A time in ISO 8601 with a time zone. */
export const time = z.iso.datetime({ offset: true })

/** Share from 0 to 1; null if nothing was counted. */
export const share = z.number().min(0).max(1).nullable()

const count = z.number().int().min(0)

export const reason = lineOfText(200).trim().min(1).describe('Why this is done. It is stored in the audit log and in the invalidation log.')

/** Parameter of reads that an OPERATOR can restrict to one tenant. Other callers see their own tenant only. */
export const ofTenant = {
  tenant: tenantId
    .optional()
    .describe('Tenant. An ADMIN gets the own tenant, and may name only that one. Default for an OPERATOR: all tenants.'),
}

/** Parameters that name a time range. */
export const ofWindow = {
  window: z
    .string()
    .regex(/^[1-9][0-9]{0,3}[mhd]$/)
    .default('1h')
    .describe('Length of the time range: minutes (`15m`), hours (`24h`) or days (`7d`).'),
  until: time.optional().describe('End of the time range. Default: now.'),
}

export const timeRange = z.object({ from: time, to: time })

/** Reads of cached values, by the layer that answered. */
const layers = z.object({
  l1: count.describe('Copies in the memory of the process.'),
  l2: count.describe('Copies in Redis.'),
  coalesced: count.describe('Loads that another reader had started.'),
  stale: count.describe('Expired copies that the policy allowed to serve.'),
  origin: count.describe('Loads from the database.'),
})

/** Misses, by cause. The causes add up to all misses. */
export const misses = z.object({
  cold: count.describe('The key was never read before.'),
  invalidated: count.describe('A write or a purge invalidated the copy.'),
  expired: count.describe('The TTL of the copy had ended.'),
  evicted: count.describe('The copy was evicted because memory was full.'),
  'not cacheable': count.describe('The value has no policy, or its type is not watched.'),
  bypassed: count.describe('The reader or the configuration turned the cache off.'),
  shed: count.describe('The load was dropped because of too much work.'),
})

/** Cause of a miss. */
export const missCause = misses.keyof()

/** Figures of reads in a time range. */
export const readFigures = z.object({
  reads: count,
  hits: count,
  hitRate: share.describe('Field hit rate: hits divided by reads.'),
  reachableHitRate: share.describe('Field hit rate that would be left if only first reads, invalidations and uncacheable values missed.'),
  layers,
  misses,
  loads: count.describe('Values loaded from the database.'),
  failedLoads: count,
  loadMs: z.number().describe('Time spent in loads, ms.'),
  savedMs: z.number().describe('Load time that cached copies saved, ms.'),
  reloads: count.describe('Loads after an invalidation.'),
  needlessReloads: count.describe('Reloads that returned the value that had been invalidated.'),
  stored: count.describe('Copies that were stored in the memory of a process.'),
  reused: count.describe('Stored copies that a reader got before they expired, were invalidated or were evicted.'),
  reuseShare: share.describe('Share of the stored copies that a reader got. Null if none was stored.'),
  meanBytes: z.number().nullable().describe('Mean size of a stored copy in memory, bytes. Null if none was stored.'),
})

/** Parameter that limits the number of items. */
export const limitOf = (max: number, fallback: number) =>
  z.coerce.number().int().min(1).max(max).default(fallback).describe('Maximum number of items.')

const percentiles = z.object({
  count: z.number().int(),
  p50Ms: z.number().nullable().describe('Median, ms, rounded up by at most a half; null without any.'),
  p99Ms: z.number().nullable().describe('99th percentile, ms, rounded up by at most a half; null without any.'),
})

/** Durations for which a process waited for something in the last minute, and the usual ones. */
export const waitingTimes = z.object({
  lastMinute: percentiles,
  usual: percentiles.describe('The hour before the last one or two minutes.'),
})

export const judgedTimes = waitingTimes.extend({
  slow: z
    .enum(['always', 'median', 'slowest'])
    .nullable()
    .describe(
      'Why it is called slow: the median or the 99th percentile is too long whatever is usual (`always`), the median is three times the usual one (`median`), or the 99th percentile is (`slowest`). Null if it is not slow, or if the event loop of the process explains it. docs/dashboard.md has the limits.',
    ),
})

/** Times of the process that waited longest, of those that are alive. */
export const slowestTimes = judgedTimes.extend({ instance: z.string().describe('Id of the process.') })
