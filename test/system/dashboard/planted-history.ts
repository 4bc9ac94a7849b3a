import type { TestDatabase } from '../../servers/database.ts'
import {
  FIELDS,
  NEEDLESS_CAUSE,
  NEEDLESS_FIELD,
  NEEDLESS_TAG,
  OPERATIONS,
  STORM_CAUSE,
  STORM_FIELD,
  STORM_OPERATION,
} from './planted-subjects.ts'

interface Row {
  readonly period: 'minute' | 'hour'
  readonly at: number
  readonly subject: string
  readonly key: string
  readonly layer: string
  readonly operation: string
  readonly cause: string
  readonly count: number
  readonly ms: number
  readonly saved: number
  readonly bytes: number
}

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
const DAYS = 7
/** Time before which the history has one row of minutes in five: charts of a day have steps of five minutes. */
const FINE_MS = 2 * HOUR_MS
const MINUTES_MS = 26 * HOUR_MS
/** Time after now for which there are figures. */
const AHEAD_MS = 15 * MINUTE_MS
const STORM = { agoMs: 7 * HOUR_MS, lengthMs: 50 * MINUTE_MS }
const DEPLOY_AGO_MS = 15 * HOUR_MS

/** A program that saves campaigns again and again: most of what it invalidates was not changed. */
const NEEDLESS = { agoMs: 3 * HOUR_MS, lengthMs: 30 * MINUTE_MS }

/**
 * Writes a week of made-up figures and some made-up writes into the history, as processes would have left them: a daily rhythm, a deploy, and
 * a storm of mutations that lowers the hit rate for some time. The figures reach into the future, so that there are live ones while a test runs.
 */
export async function plantHistory(database: TestDatabase, now: number): Promise<void> {
  const random = randomFrom(20_261_127)
  const rows: Row[] = []
  const lastMinute = Math.floor(now / MINUTE_MS) * MINUTE_MS - MINUTE_MS
  for (let at = lastMinute - (lastMinute % (5 * MINUTE_MS)) - MINUTES_MS; at <= lastMinute + AHEAD_MS; ) {
    const stepMs = at < lastMinute - FINE_MS ? 5 * MINUTE_MS : MINUTE_MS
    rows.push(...rowsAt('minute', at, stepMs, now, random))
    at += stepMs
  }
  const lastHour = Math.floor(now / HOUR_MS) * HOUR_MS
  for (let hour = lastHour - DAYS * 24 * HOUR_MS; hour <= lastHour; hour += HOUR_MS)
    rows.push(...rowsAt('hour', hour, Math.max(MINUTE_MS, Math.min(HOUR_MS, now - hour)), now, random))
  for (let from = 0; from < rows.length; from += 20_000) await insert(database, rows.slice(from, from + 20_000))
  await database.query(
    `insert into cache_performance_metrics
       (period, recorded_at, subject, cache_key, cache_layer, operation, cause, operation_count, response_time_ms, saved_ms, data_size_bytes)
     select period, recorded_at, 'total', subject, cache_layer, operation, cause, sum(operation_count), sum(response_time_ms), sum(saved_ms),
       sum(data_size_bytes)
     from cache_performance_metrics where subject in ('field', 'operation') group by 1, 2, 4, 5, 6, 7`,
  )
  await plantWrites(database, now, random)
  await database.query(
    `insert into cache_deploys (at, version, host)
     values (now() - interval '6 days', '2.4.0', 'gateway-a'), (to_timestamp($1::float8 / 1000), '2.4.1', 'gateway-a')`,
    [now - DEPLOY_AGO_MS],
  )
}

/** Adds operations with few requests to the last hour, as an installation with many clients has. */
export async function plantOperations(database: TestDatabase, now: number, count: number): Promise<void> {
  const at = Math.floor(now / MINUTE_MS) * MINUTE_MS - 5 * MINUTE_MS
  const names = Array.from({ length: count }, (_, index) => `Operation${String(index).padStart(5, '0')}`)
  const rows = names.flatMap((name, index) => {
    const row = { period: 'minute' as const, at, subject: 'operation', key: name, layer: '', cause: '', saved: 0, bytes: 0 }
    const requests = 10 + (index % 90)
    return [
      { ...row, operation: 'request', count: requests, ms: requests, bytes: 100 * requests },
      { ...row, operation: 'answer', layer: 'l1', count: requests - 3, ms: requests - 3 },
      { ...row, operation: 'answer', layer: 'origin', count: 3, ms: 30 },
    ]
  })
  await insert(database, rows)
}

function rowsAt(period: Row['period'], at: number, lengthMs: number, now: number, random: () => number): readonly Row[] {
  const middle = at + lengthMs / 2
  const storm = stormAt(STORM, at, lengthMs, now)
  const needless = stormAt(NEEDLESS, at, lengthMs, now)
  const load = rhythm(middle) * (0.98 + 0.04 * random())
  const row = { period, at, layer: '', cause: '', ms: 0, saved: 0, bytes: 0 }
  const operations = OPERATIONS.flatMap((one): readonly Row[] => {
    const requests = Math.round(((one.perSecond * lengthMs) / 1000) * load * (0.98 + 0.04 * random()))
    const hitRate = one.hitRate - (one.name === STORM_OPERATION ? 0.62 * storm : 0.05 * storm) - 0.004 * random()
    const hits = Math.round(requests * hitRate)
    const misses = requests - hits
    const shares = { 'at hand': 0.42, l1: 0.3, l2: 0.14, parts: 0.12, stale: 0.02 }
    const answers = Object.entries(shares).map(([layer, share]) => ({ layer, count: Math.round(hits * share), ms: hits * share * 0.4 }))
    const coalesced = Math.round(misses * 0.15)
    const own = { ...row, subject: 'operation', key: one.name }
    return [
      {
        ...own,
        operation: 'request',
        count: requests,
        ms: misses * one.missMs + hits * 0.4,
        saved: hits * one.missMs * 0.8,
        bytes: requests * one.bytes,
      },
      ...answers.map((answer) => ({ ...own, operation: 'answer', ...answer })),
      { ...own, operation: 'answer', layer: 'coalesced', count: coalesced, ms: coalesced * one.missMs * 0.6 },
      { ...own, operation: 'answer', layer: 'origin', count: misses - coalesced, ms: (misses - coalesced) * one.missMs },
    ]
  })
  const fields = FIELDS.flatMap((one): readonly Row[] => {
    const reads = Math.round(((one.perSecond * lengthMs) / 1000) * load * (0.98 + 0.04 * random()))
    const ofNeedless = one.name === NEEDLESS_FIELD ? 0.5 * needless : 0
    const lost = (one.name === STORM_FIELD ? 0.6 : 0.03) * storm + ofNeedless
    const hits = Math.round(reads * (one.hitRate - lost - 0.004 * random()))
    const misses = reads - hits
    const stormMisses = Math.round(reads * lost)
    const usual = misses - stormMisses
    const avoidable = Math.min(usual, Math.round(reads * (one.reachable - one.hitRate)))
    const causes = {
      expired: Math.round(avoidable * 0.75),
      evicted: avoidable - Math.round(avoidable * 0.75),
      cold: Math.round((usual - avoidable) * 0.4),
      invalidated: stormMisses + usual - avoidable - Math.round((usual - avoidable) * 0.4),
    }
    const needlessReloads = Math.round(reads * ofNeedless)
    const allNeedless = needlessReloads + Math.round((causes.invalidated - needlessReloads) * (0.06 + 0.1 * storm))
    const byProgram = { cause: NEEDLESS_CAUSE, reloads: needlessReloads, needless: needlessReloads }
    const byOthers = { cause: one.writtenBy, reloads: causes.invalidated - needlessReloads, needless: allNeedless - needlessReloads }
    const writes = [byProgram, byOthers].filter(({ reloads }) => reloads > 0)
    const own = { ...row, subject: 'field', key: one.name }
    const ofWrite = { ...own, subject: 'write', cause: one.name }
    const ofTag = { ...own, subject: 'tag', cause: NEEDLESS_TAG, count: needlessReloads }
    return [
      ...(needlessReloads === 0
        ? []
        : [
            { ...ofTag, operation: 'reload' },
            { ...ofTag, operation: 'needless reload' },
          ]),
      { ...own, operation: 'hit', layer: 'l1', count: Math.round(hits * 0.84) },
      { ...own, operation: 'hit', layer: 'l2', count: hits - Math.round(hits * 0.84) },
      { ...own, operation: 'miss', layer: 'origin', count: misses },
      ...Object.entries(causes).map(([cause, count]) => ({ ...own, operation: 'miss by cause', cause, count })),
      { ...own, operation: 'load', count: misses, ms: misses * one.missMs, saved: hits * one.missMs * 0.8 },
      { ...own, operation: 'reload', count: causes.invalidated },
      { ...own, operation: 'needless reload', count: allNeedless },
      ...writes.flatMap(({ cause: key, reloads, needless }): readonly Row[] => [
        { ...ofWrite, key, operation: 'reload', count: reloads, ms: reloads * one.missMs },
        { ...ofWrite, key, operation: 'needless reload', count: needless },
      ]),
    ]
  })
  const all = OPERATIONS.reduce((sum, { perSecond }) => sum + (perSecond * lengthMs * load) / 1000, 0)
  const latency = Object.entries({ hit: LATENCIES.hit, miss: LATENCIES.miss }).flatMap(([operation, ranges]) =>
    Object.entries(ranges).map(
      ([cause, share]): Row => ({
        ...row,
        subject: 'latency',
        key: 'all',
        operation,
        cause,
        count: Math.round(all * share * (operation === 'hit' ? 0.94 : 0.06)),
      }),
    ),
  )
  return [...operations, ...fields, ...tenantRows(operations), ...latency]
}

/** Shares of the answers by the upper end of their range of durations, ms. */
const LATENCIES = {
  hit: { '0.25': 0.42, '0.5': 0.4, '1': 0.14, '2': 0.035, '4': 0.005 },
  miss: { '8': 0.3, '16': 0.4, '32': 0.22, '64': 0.07, '128': 0.01 },
} as const

/** Returns the rows of the tenant acme, to which four of five requests belong. */
function tenantRows(operations: readonly Row[]): readonly Row[] {
  const groups = Map.groupBy(operations, ({ operation, layer }) => `${operation} ${layer}`)
  return [...groups.values()].flatMap(([first, ...others]) => {
    if (!first) return []
    const sum = (of: 'count' | 'ms' | 'saved' | 'bytes') => Math.round([first, ...others].reduce((all, row) => all + row[of], 0) * 0.8)
    return [{ ...first, subject: 'tenant', key: 'acme', count: sum('count'), ms: sum('ms'), saved: sum('saved'), bytes: sum('bytes') }]
  })
}

/** Returns how strong the storm was in a step, 0 to 1: it begins at once and fades. */
function stormAt(storm: typeof STORM, at: number, lengthMs: number, now: number): number {
  const begin = now - storm.agoMs
  const passed = at + lengthMs - begin
  if (passed <= 0 || at >= begin + storm.lengthMs) return 0
  const strength = Math.max(0, 1 - Math.max(0, at - begin) / storm.lengthMs)
  // A step of an hour contains the storm, and time without it.
  return lengthMs >= HOUR_MS ? strength * 0.35 : strength
}

/** Returns the load at a moment, as a share of the load at noon: quiet nights, a dip at lunch, and calmer weekends. */
function rhythm(at: number): number {
  const hour = (at / HOUR_MS) % 24
  const day = Math.floor(at / (24 * HOUR_MS)) % 7
  const bell = (centre: number, width: number) => Math.exp(-(((hour - centre) / width) ** 2))
  return (0.16 + 0.66 * bell(11, 3.4) + 0.72 * bell(17, 4.2)) * (day === 2 || day === 3 ? 0.6 : 1)
}

async function plantWrites(database: TestDatabase, now: number, random: () => number): Promise<void> {
  const usual = [
    ['mutation settleCall', ['acme:Call:%', 'acme:Call[]:campaign_id=%', 'acme:CampaignHour[]'], 'Call'],
    ['mutation placeBid', ['acme:Bid:%', 'acme:Bid[]:campaign_id=%'], 'Bid'],
    ['mutation updateCampaign', ['acme:Campaign:%', 'acme:Campaign[]'], 'Campaign'],
    ['program psql: month end', ['acme:Buyer:%'], 'Buyer'],
    ['mutation setDomainStatus', ['acme:Domain:%', 'acme:DomainCount[]:campaign_id=%'], 'Domain'],
  ] as const
  const rows: object[] = []
  let position = 1
  const add = (at: number, cause: string, templates: readonly string[], type: string) => {
    const tags = templates.map((template) => template.replace('%', String(1 + Math.floor(random() * 60))))
    const causes = [{ cause, writes: 1, firstAt: at, lastAt: at, tagCount: tags.length, tags }]
    rows.push({ position: position++, at, cause, causes, types: [type], tags, lag: 18 + Math.floor(60 * random()) })
  }
  for (let at = now - 24 * HOUR_MS; at < now - 30_000; at += (4 + 6 * random()) * MINUTE_MS) {
    const [cause, tags, type] = usual[Math.floor(random() * usual.length)] ?? usual[0]
    add(at, cause, tags, type)
  }
  const begin = now - STORM.agoMs
  for (let at = begin; at < begin + STORM.lengthMs; at += 6000) add(at, STORM_CAUSE, ['acme:Bid:%', 'acme:Bid[]:campaign_id=7'], 'Bid')
  const start = now - NEEDLESS.agoMs
  for (let at = start; at < start + NEEDLESS.lengthMs; at += 4000)
    add(at, NEEDLESS_CAUSE, ['acme:Campaign:%', 'acme:Campaign~'], 'Campaign')
  await database.query(
    `insert into cache_invalidation_log (epoch, log_position, created_at, invalidation_reason, causes, entity_types, tenants, cache_keys,
       invalidated_count, processing_time_ms)
     select 'planted', position, to_timestamp(at / 1000), cause, causes, types, array['acme'], tags, cardinality(tags), lag
     from jsonb_to_recordset($1::jsonb) as rows (position bigint, at float8, cause text, causes jsonb, types text[], tags text[], lag float8)`,
    [JSON.stringify(rows)],
  )
}

async function insert(database: TestDatabase, rows: readonly Row[]): Promise<void> {
  await database.query(
    `insert into cache_performance_metrics
       (period, recorded_at, subject, cache_key, cache_layer, operation, cause, operation_count, response_time_ms, saved_ms, data_size_bytes)
     select period, to_timestamp(at / 1000), subject, key, layer, operation, cause, count, ms, saved, bytes
     from jsonb_to_recordset($1::jsonb) as rows (period text, at float8, subject text, key text, layer text, operation text, cause text,
       count bigint, ms float8, saved float8, bytes bigint)
     on conflict do nothing`,
    [JSON.stringify(rows)],
  )
}

/** Returns a source of numbers from 0 to 1 that are the same for each run (mulberry32). */
function randomFrom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}
