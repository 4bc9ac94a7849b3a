import { setTimeout as pause } from 'node:timers/promises'
import { Random } from '#src/market/seed/random.ts'
import type { FaultContext, FaultResult } from '../fault.ts'
import { createFaultDatabase, type FaultDatabase } from '../fault-database.ts'
import { percentiles } from '../percentiles.ts'
import { addTenants, drawBatch, type FloodTenant, rollupCounts, startOfCounts, storedBatches } from './flood-data.ts'
import { Gateways } from './gateways.ts'
import { type Counts, hourKey, Ledger } from './ledger.ts'
import { startReader } from './reader.ts'
import { sendFlood } from './senders.ts'

const EVENTS_PER_MINUTE = 100_000
const FULL_MS = 300_000
const QUICK_MS = 12_000
const TENANTS = 3
const CAMPAIGNS = 20
const IMPATIENT_SHARE = 0.05
/** Time after the last acknowledgement after which every reader must see all acknowledged events, ms. */
const VISIBLE_MS = 1100

/**
 * Runs fault F30: floods two gateways with events while servers are killed.
 * @param release Folder of the program; undefined for this checkout.
 */
export async function runFlood(context: FaultContext, release?: string): Promise<FaultResult> {
  // With fsync a commit waits for the disk, as in production.
  const server = await context.postgres({ fsync: 'on' })
  const database = await createFaultDatabase(server.url, 'event_flood')
  context.defer(() => database.close())
  const redis = await context.redis()
  const tenants = await addTenants(database, TENANTS, CAMPAIGNS)
  const gateways = new Gateways({ databaseUrl: database.url, redisUrl: redis.url }, tenants, release)
  context.defer(() => gateways.stop())
  await Promise.all([gateways.start(0), gateways.start(1)])

  const forMs = context.quick ? QUICK_MS : FULL_MS
  const ledger = new Ledger()
  const random = new Random(`event flood ${context.seed}`)
  const from = startOfCounts(Date.now())
  const reader = startReader({ gateways, tenants, ledger, random, from })
  const startedAt = performance.now()
  const breaking = breakServers(forMs, {
    killRedis: () => redis.stop('SIGKILL'),
    startRedis: () => redis.start(),
    killGateway: (index) => gateways.kill(index),
    startGateway: (index) => gateways.start(index),
  })
  const sent = await sendFlood({
    batchOf: (number) => drawBatch(tenants, context.seed, number, Date.now()),
    deliver: (batch, _attempt, patienceMs) => gateways.track(gateways.pick(random), batch, patienceMs),
    ledger,
    random,
    clock: { now: () => performance.now(), pause: (ms) => pause(ms) },
    eventsPerMinute: EVENTS_PER_MINUTE,
    forMs,
    impatientShare: IMPATIENT_SHARE,
  })
  const tookMs = performance.now() - startedAt
  await breaking
  await pause(VISIBLE_MS)
  const read = await reader.stop()
  const found = await comparedCounts({ database, gateways, tenants, ledger, from })
  const problems = [...found.problems, ...ledger.problems, ...read.problems]
  if (ledger.open > 0) problems.push(`${ledger.open} batches were never acknowledged`)
  const { p50, p99, max } = percentiles(sent.latencies)
  return {
    operations: sent.batches + sent.retries + read.reads,
    anomalies: problems.length,
    firstAnomalies: problems.slice(0, 10),
    recoveryMs: undefined,
    figures: {
      'events acknowledged': ledger.events,
      'events a minute': Math.round((ledger.events / tookMs) * 60_000),
      'acknowledged after ms, p50': p50,
      p99,
      max,
      'batches sent again': sent.retries,
      refused: sent.refused,
      'reads during it': read.reads,
      'reads from the cache': read.hits,
      'reads that failed': read.failed,
      'counts compared': found.compared,
    },
  }
}

interface Breakable {
  killRedis(): Promise<void>
  startRedis(): Promise<void>
  killGateway(index: number): Promise<void>
  startGateway(index: number): Promise<void>
}

/** Kills Redis twice and each gateway once. Each killed server is started again after a twentieth of the run. */
async function breakServers(forMs: number, servers: Breakable): Promise<void> {
  const step = forMs / 20
  await pause(3 * step)
  for (const gateway of [0, 1]) {
    await servers.killRedis()
    await pause(step)
    await servers.startRedis()
    await pause(2 * step)
    await servers.killGateway(gateway)
    await pause(step)
    await servers.startGateway(gateway)
    await pause(3 * step)
  }
}

interface Compared {
  readonly problems: readonly string[]
  readonly compared: number
}

/**
 * Compares the events that were sent with the stored rows, with the rollup table, and with the counts that each gateway
 * returns first from the database and then from its cache.
 */
async function comparedCounts(params: {
  readonly database: FaultDatabase
  readonly gateways: Gateways
  readonly tenants: readonly FloodTenant[]
  readonly ledger: Ledger
  readonly from: string
}): Promise<Compared> {
  const { database, gateways, tenants, ledger, from } = params
  const rollup = await rollupCounts(database)
  const problems = [...ledger.compareBatches(await storedBatches(database)), ...ledger.compareCounts('event_hours', rollup, hourKey)]
  let compared = rollup.size
  for (const index of [0, 1]) {
    for (const round of ['first', 'repeated']) {
      const { answered, hits, asked } = await answeredCounts(gateways, index, tenants, from)
      problems.push(
        ...ledger.compareCounts(`gateway ${index}, ${round} answer`, answered, (_, { campaign, kind }) => `${campaign} ${kind}`),
      )
      compared += answered.size
      if (round === 'repeated' && hits < asked)
        problems.push(`gateway ${index} answered ${hits} of ${asked} repeated queries from its cache`)
    }
  }
  return { problems, compared }
}

async function answeredCounts(
  gateways: Gateways,
  index: number,
  tenants: readonly FloodTenant[],
  from: string,
): Promise<{ readonly answered: Counts; readonly hits: number; readonly asked: number }> {
  const answered = new Map<string, number>()
  let hits = 0
  let asked = 0
  for (const { name, campaigns } of tenants) {
    for (const { id } of campaigns) {
      const { byKind, isHit } = await gateways.countEvents(index, name, from, id)
      for (const [kind, count] of byKind) answered.set(`${id} ${kind}`, count)
      asked++
      if (isHit) hits++
    }
  }
  return { answered, hits, asked }
}
