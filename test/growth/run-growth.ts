import { request } from 'node:http'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { setTimeout as pause } from 'node:timers/promises'
import pg from 'pg'
import { onServer } from '../../load/data/server.ts'
import { startGateway } from '../e2e/gateway.ts'
import { createFaultDatabase } from '../faults/fault-database.ts'
import { freePort } from '../servers/free-port.ts'
import { runRedis } from '../servers/redis-processes.ts'
import { temporaryFolder } from '../servers/temporary-folder.ts'
import { startChurn } from './churn.ts'
import { growthOf, type Sample } from './growth.ts'
import { checkSeries } from './series.ts'

export interface GrowthOptions {
  /** URL of any database on the PostgreSQL server. */
  readonly server: string
  readonly minutes: number
  /** Folder of the program. Default: this checkout. */
  readonly release?: string
  readonly onSample?: (sample: Sample) => void
}

export interface GrowthResult {
  readonly samples: readonly Sample[]
  readonly requests: number
  readonly tenants: number
  /** Growth of the heap after garbage collection, as a share; see {@link growthOf}. */
  readonly growth: number
  /** Sentences about what is wrong. */
  readonly problems: readonly string[]
}

/** Maximum growth of the heap after garbage collection from minute 2 of ten to the end. */
const MAX_GROWTH = 0.1
const SAMPLES = 20
const CLIENTS = 8
/** Maximum memory of the cache, and of the request stores. Both are full by minute 2 of ten, so whatever grows afterwards has no bound. */
const MEMORY_BYTES = String(2 ** 20)

/** Sends a gateway new operations, keys, tenants and users for a while, and checks that neither its heap nor its series grow without bound. */
export async function runGrowth({ server, minutes, release, onSample }: GrowthOptions): Promise<GrowthResult> {
  const undo: (() => Promise<unknown>)[] = []
  try {
    const name = `tidegate_growth_${process.pid}`
    undo.push(() => onServer(server, (client) => client.query(`drop database if exists ${name} with (force)`)))
    const database = await createFaultDatabase(server, name)
    await database.close()
    const pool = new pg.Pool({ connectionString: database.url, max: 4 })
    undo.push(() => pool.end())
    const port = await freePort()
    const redis = await runRedis(port, [`port ${port}`, 'maxmemory 32mb', 'maxmemory-policy allkeys-lru'])
    undo.push(() => redis.stop())
    const folder = await temporaryFolder('growth')
    undo.push(() => folder.remove())
    const socket = join(folder.path, 'heap.sock')
    const env = {
      NODE_ENV: 'production',
      NODE_OPTIONS: `--expose-gc --import=${join(import.meta.dirname, 'heap-report.ts')}`,
      HEAP_SOCKET: socket,
      DATABASE_URL: database.url,
      REDIS_URL: `redis://127.0.0.1:${port}`,
      METRICS: 'on',
      METRICS_TENANTS: 'on',
      DRAIN_SECONDS: '0',
      CACHE_MEMORY_BYTES: MEMORY_BYTES,
      REQUEST_MEMORY_BYTES: MEMORY_BYTES,
    }
    const gateway = await startGateway(env, release)
    undo.push(() => gateway.stop())
    const churn = await startChurn({
      url: gateway.url,
      query: async (statement, values) => (await pool.query(statement, [...values])).rows,
      clients: CLIENTS,
      seed: 1,
    })
    const samples: Sample[] = []
    const problems = new Set<string>()
    for (let index = 0; index < SAMPLES; index++) {
      await pause((minutes * 60_000) / SAMPLES)
      const scrape = checkSeries(await (await fetch(new URL('/metrics', gateway.url))).text())
      for (const problem of scrape.problems) problems.add(problem)
      const sample = {
        minute: (minutes * (index + 1)) / SAMPLES,
        series: scrape.series,
        requests: churn.answered,
        ...(await memoryOf(socket)),
      }
      samples.push(sample)
      onSample?.(sample)
    }
    await churn.stop()
    const growth = growthOf(samples)
    if (growth > MAX_GROWTH) problems.add(`the heap grew by ${percent(growth)}, more than ${percent(MAX_GROWTH)}`)
    return { samples, requests: churn.answered, tenants: churn.tenants, growth, problems: [...problems, ...churn.problems] }
  } finally {
    for (const step of undo.toReversed()) await step()
  }
}

export function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`
}

async function memoryOf(socketPath: string): Promise<Pick<Sample, 'heapUsed' | 'rss'>> {
  const answer = await new Promise<string>((resolve, reject) => {
    request({ socketPath }, (response) => void text(response).then(resolve, reject))
      .on('error', reject)
      .end()
  })
  return JSON.parse(answer) as Pick<Sample, 'heapUsed' | 'rss'>
}
