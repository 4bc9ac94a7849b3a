import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { promisify } from 'node:util'
import type { OwnPostgres } from '../servers/postgres.ts'
import type { Fault, FaultContext } from './fault.ts'
import { createFaultDatabase, type FaultDatabase, openFaultDatabase } from './fault-database.ts'
import type { Instance } from './fleet.ts'
import { checkHealed, resultOf } from './healing.ts'
import { History, readAndCheck } from './history.ts'
import { type Link, startLink } from './link.ts'
import { STALENESS_BOUND_MS } from './outage.ts'
import { until } from './until.ts'
import { runWorkload } from './workload.ts'

const run = promisify(execFile)
const TENANTS = ['acme', 'globex', 'initech']
const KEYS = Array.from({ length: 40 }, (_, index) => index + 1)
const FOLLOWS_MS = 10_000
const MIN_ROWS_BEYOND = 5

/** Context in which a backup is made and restored. */
export interface Restoring {
  readonly context: FaultContext
  readonly server: OwnPostgres
  readonly database: FaultDatabase
  /** Link between the instances and their database. */
  readonly address: Link
  /** Path of a dump file. */
  readonly file: string
}

/** Restores the database from a backup. @returns the database that instances use from then on. */
export type Restore = () => Promise<FaultDatabase>

interface RestoreFault {
  readonly id: string
  readonly title: string
  /**
   * Number of instances, one of three or all of them, that cannot reach the database from before the restore until the
   * restored log has more rows than the log had before.
   */
  readonly cutOff: 'one' | 'all'
  /** Method of cutting off the third instance. If all instances are cut off, the link of the first two drops all bytes. */
  readonly by: 'stopping it' | 'a black hole'
  /** Makes a backup, and returns the function that restores it. */
  readonly back: (restoring: Restoring) => Promise<Restore>
}

/**
 * Creates a fault in which an operator restores a backup while three instances run. Instances that were cut off
 * reconnect at the end, and must not mistake new log rows for the rows with the same numbers that they have applied.
 */
export function restoreFault({ id, title, cutOff, by, back }: RestoreFault): Fault {
  return {
    id,
    title,
    run: async (context) => {
      const [server, redis] = await Promise.all([context.postgres(), context.redis()])
      const database = await createFaultDatabase(server.url, 'restored')
      context.defer(() => database.close())
      const links = [await startLink(server.port), await startLink(server.port)] as const
      const [address, lonely] = links
      context.defer(() => Promise.all(links.map((link) => link.close())))
      const settings = { databaseUrl: database.urlThrough(address.port), redisUrl: redis.url, statementTimeoutMs: 1000 }
      const own = [{}, {}, { databaseUrl: database.urlThrough(lonely.port) }]
      const { instances } = await context.fleet({ ...settings, instances: 3, own })
      const [first, second, apart] = instances as [Instance, Instance, Instance]
      const history = new History()
      const work = { instances, history, seed: context.seed }

      await runWorkload({ ...work, forMs: context.quick ? 1000 : 5000 })
      const restore = await back({ context, server, database, address, file: join('/tmp', `tidegate-dump-${process.pid}-${id}`) })
      await runWorkload({ ...work, seed: context.seed + 1, forMs: context.quick ? 1500 : 10_000 })
      // Every instance and Redis have cached the writes that the restore will lose.
      await Promise.all(instances.map((instance) => readAll(history, instance)))
      const head = await headOf(database)
      const cutOffAt = performance.now()
      if (by === 'stopping it') apart.process.kill('SIGSTOP')
      else lonely.mode = 'swallow'
      const live = cutOff === 'one' ? [first, second] : []
      if (cutOff === 'all') address.mode = 'swallow'

      const restored = await readWhile(live, restore())
      const lost = history.rewind(await restored.rows())
      assert.ok(lost > 0, 'writes were lost by the restore')
      await Promise.all(live.map(followsAnew))
      await Promise.all(live.map((instance) => readAll(history, instance)))
      while ((await headOf(restored)) <= head + MIN_ROWS_BEYOND) await writeOutside(restored, history)

      // Until the staleness bound has passed, an instance may serve what it has cached.
      await pause(Math.max(0, cutOffAt + STALENESS_BOUND_MS + 100 - performance.now()))
      lonely.target = address.target
      for (const link of links) link.mode = 'pass'
      for (const link of live.length > 0 ? [lonely] : links) link.cut()
      apart.process.kill('SIGCONT')
      const letGoAt = performance.now()
      const late = instances.filter((instance) => !live.includes(instance))
      await Promise.all(late.map((instance) => readAll(history, instance)))
      await Promise.all(late.map(followsAnew))
      const recoveryMs = performance.now() - letGoAt
      await Promise.all(instances.map((instance) => readAll(history, instance)))
      await runWorkload({ ...work, seed: context.seed + 2, forMs: context.quick ? 1500 : 10_000 })
      for (const instance of instances) assert.deepEqual((await instance.stats()).cache.unwatched, [], 'every type is cached again')
      const trusted = await checkHealed({ context, history, database: restored, instances, settings })
      return resultOf(history, recoveryMs, { 'writes lost': lost, 'values in Redis': trusted })
    },
  }
}

/** Dumps the database to a file. */
export async function dump({ context, database, file }: Restoring): Promise<void> {
  context.defer(() => run('rm', ['-f', file]))
  await run('pg_dump', ['--format=custom', `--file=${file}`, database.url])
}

/** Restores a dump with pg_restore, as most operators do. @throws if a statement failed. */
export async function restoreDump(file: string, url: string, options: readonly string[] = []): Promise<void> {
  await run('pg_restore', [...options, `--dbname=${url}`, file])
}

export async function openRestored(context: FaultContext, url: string): Promise<FaultDatabase> {
  const restored = await openFaultDatabase(url)
  context.defer(() => restored.close())
  return restored
}

/**
 * Reads on all given instances until `work` ends. Reads during a restore may return rows of any state, or an error, but
 * all values that are cached meanwhile must be invalid afterwards.
 */
async function readWhile<Result>(instances: readonly Instance[], work: Promise<Result>): Promise<Result> {
  let isOver = false
  const readers = instances.map(async (instance) => {
    while (!isOver) for (const tenant of TENANTS) await instance.read({ tenant, ids: KEYS }).catch(() => undefined)
  })
  try {
    return await work
  } finally {
    isOver = true
    await Promise.all(readers)
  }
}

/** Writes a row directly in the database, together with its log row. */
async function writeOutside(database: FaultDatabase, history: History): Promise<void> {
  const tenant = 'acme'
  const [row] = await database.query(
    `update things set version = version + 1, payload = concat_ws('/', tenant_id, id, version + 1, 'outside', '')
     where tenant_id = $1 and id = (select min(id) from things where tenant_id = $1) returning id, version, payload`,
    [tenant],
  )
  const [id, version] = [Number(row?.['id']), Number(row?.['version'])]
  history.recordCommit({ tenant, id, version, payload: String(row?.['payload']) }, performance.now())
  await database.query('select cache.publish()')
}

async function headOf(database: FaultDatabase): Promise<number> {
  return Number((await database.query('select max(seq) as head from cache.log'))[0]?.['head'])
}

async function readAll(history: History, instance: Instance): Promise<void> {
  await Promise.all(TENANTS.map((tenant) => readAndCheck(history, instance, { tenant, ids: KEYS })))
}

async function followsAnew(instance: Instance): Promise<void> {
  const follows = async () => {
    const { cache, events } = await instance.stats()
    return cache.hasLease && cache.unwatched.length === 0 && (events['epoch'] ?? 0) > 0
  }
  await until(follows, FOLLOWS_MS, `a new epoch on instance ${instance.index}`)
}
