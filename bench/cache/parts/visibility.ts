import { fork } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as pause } from 'node:timers/promises'
import pg from 'pg'
import { installWatches } from '#src/engine/postgres/watch.ts'
import { migrateMarket, openMarketDatabase } from '#src/market/tables/database.ts'
import { findPostgres } from '../../../test/servers/postgres.ts'
import { Thing } from '../contestants/tidegate.ts'
import { quantile, type Row, rounded } from '../measure.ts'
import { openInstance, type Place, type Setting, SOURCE_KEY } from '../visibility-setup.ts'
import type { Conditions, Part } from '../workload.ts'

const SETTINGS: readonly Setting[] = [
  { title: 'tidegate, log in PostgreSQL, wake-up over Redis', contestant: 'tidegate', withRedis: true },
  { title: 'tidegate, log in PostgreSQL, no Redis, tick of 75 ms', contestant: 'tidegate', withRedis: false },
  { title: 'bentocache, Redis bus', contestant: 'bentocache', withRedis: true },
  { title: 'layered-loader, Redis notifications', contestant: 'layered-loader', withRedis: true },
]
/** Time limit for the reader to see the new value, ms. */
const GIVEN_UP_MS = 3000
/**
 * Maximum pause between two invalidations, ms. It is as long as the interval between two syncs of the invalidation log, so that the
 * invalidations come at random moments of an interval.
 */
const MAX_PAUSE_MS = 75

interface Sighting {
  readonly version: number
  /** Time on the monotonic clock that all processes of the machine share, ns. */
  readonly at: string
}

/** Measures the time from the acknowledgement of an invalidation until a read in another process returns the new value. */
export const visibility: Part = {
  name: 'visibility',
  title: 'From an acknowledged invalidation to the first read of the new value in another process that reads every millisecond, ms',
  measure: async (conditions) => {
    const server = await findPostgres()
    const name = `tidegate_bench_${process.pid}`
    const databaseUrl = new URL(server.url)
    databaseUrl.pathname = `/${name}`
    await onServer(server.url, `create database ${name}`)
    try {
      await prepare(databaseUrl.href)
      const rows: Row[] = []
      for (const [number, setting] of SETTINGS.entries()) {
        const place = { redisUrl: conditions.redisUrl, databaseUrl: databaseUrl.href, run: `visibility-${number}` }
        rows.push(await measureSetting(setting, place, conditions))
      }
      return rows
    } finally {
      await onServer(server.url, `drop database if exists ${name} with (force)`)
      await server.stop()
    }
  },
}

async function measureSetting(setting: Setting, place: Place, { quick }: Conditions): Promise<Row> {
  const samples = quick ? 40 : 200
  const { cache, source, close } = await openInstance(setting, place)
  await source.set(SOURCE_KEY, 0)
  const reader = fork(new URL('visibility-process.ts', import.meta.url), [JSON.stringify({ setting, place })])
  try {
    const sightings = new Sightings()
    reader.on('message', (sighting: Sighting) => sightings.add(sighting))
    await sightings.of(0, 20_000)
    const times: number[] = []
    let never = 0
    for (let version = 1; version <= samples; version++) {
      await pause(Math.random() * MAX_PAUSE_MS)
      await source.set(SOURCE_KEY, version)
      await cache.invalidate(0)
      const acknowledged = process.hrtime.bigint()
      const seen = await sightings.of(version, GIVEN_UP_MS)
      if (seen === undefined) never++
      else times.push(Math.max(0, Number(seen - acknowledged) / 1e6))
    }
    const [p50, p90, p99] = [0.5, 0.9, 0.99].map((share) => rounded(quantile(times, share)))
    return { setting: setting.title, samples, p50: p50 ?? '', p90: p90 ?? '', p99: p99 ?? '', highest: rounded(Math.max(...times)), never }
  } finally {
    if (reader.connected) {
      const exited = once(reader, 'exit')
      reader.disconnect()
      await exited
    }
    await close()
  }
}

/** Records when the reader saw each version for the first time. */
class Sightings {
  readonly #seen = new Map<number, bigint>()
  #told: () => void = () => undefined

  add({ version, at }: Sighting): void {
    this.#seen.set(version, BigInt(at))
    this.#told()
  }

  /** Returns the time at which the reader first saw a version, ns; undefined if the reader did not see it within the time limit. */
  async of(version: number, withinMs: number): Promise<bigint | undefined> {
    const deadline = performance.now() + withinMs
    while (!this.#seen.has(version) && performance.now() < deadline) {
      const timer = new AbortController()
      const told = new Promise<void>((resolve) => {
        this.#told = resolve
      })
      await Promise.race([told, pause(withinMs, undefined, { signal: timer.signal }).catch(() => undefined)])
      timer.abort()
    }
    return this.#seen.get(version)
  }
}

async function prepare(url: string): Promise<void> {
  const database = await openMarketDatabase({
    url,
    poolSize: 1,
    statementTimeoutMs: 60_000,
    onError: (error) => process.emitWarning(error),
  })
  try {
    await migrateMarket(database)
    await onServer(url, 'create table things (tenant_id text not null, id int not null, primary key (tenant_id, id))')
    await installWatches(database, [Thing])
  } finally {
    await database.close()
  }
}

async function onServer(url: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    await client.query(statement)
  } finally {
    await client.end()
  }
}
