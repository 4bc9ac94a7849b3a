import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { OwnPostgres } from '../servers/postgres.ts'
import type { Fault, FaultContext } from './fault.ts'
import { createFaultDatabase, type FaultDatabase, openFaultDatabase } from './fault-database.ts'
import type { Instance } from './fleet.ts'
import { checkHealed, resultOf } from './healing.ts'
import { History, readAndCheck, writeAndRecord } from './history.ts'
import { type Link, startLink } from './link.ts'
import { until } from './until.ts'
import { runWorkload } from './workload.ts'

const run = promisify(execFile)
const TENANTS = ['acme', 'globex', 'initech']
const KEYS = Array.from({ length: 40 }, (_, index) => index + 1)
const FOLLOWS_MS = 10_000
const MAX_WRITES = 2000

/** Where a backup is made and set back. */
export interface Restoring {
  readonly context: FaultContext
  readonly server: OwnPostgres
  readonly database: FaultDatabase
  /** The way of the instances to their database. */
  readonly address: Link
  /** A file for a dump. */
  readonly file: string
}

/** A backup that was made: sets the database back to it. @returns the database that instances reach from then on. */
export type Restore = () => Promise<FaultDatabase>

/**
 * A fault in which an operator restores a backup while three instances run. One of them hears nothing from the backup until the log
 * has grown past its old end; it is let go then, and must not take the new rows for the ones it knows.
 */
export function restoreFault(
  id: string,
  title: string,
  cutOff: 'stopped' | 'swallowed',
  back: (restoring: Restoring) => Promise<Restore>,
): Fault {
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
      // Everything that will be lost is in every instance and in Redis.
      await Promise.all(instances.map((instance) => readAll(history, instance)))
      const head = await headOf(database)
      if (cutOff === 'stopped') apart.process.kill('SIGSTOP')
      else lonely.mode = 'swallow'

      // Readers during the restore get what there is, or an error. Whatever is cached of it must be void afterwards.
      let isRestoring = true
      const readers = [first, second].map(async (instance) => {
        while (isRestoring) for (const tenant of TENANTS) await instance.read({ tenant, ids: KEYS }).catch(() => undefined)
      })
      const restored = await restore().finally(() => {
        isRestoring = false
      })
      await Promise.all(readers)
      const restoredAt = performance.now()
      const lost = history.rewind(await restored.rows())
      assert.ok(lost > 0, 'writes were lost by the restore')
      await Promise.all([first, second].map(followsAnew))
      const recoveryMs = performance.now() - restoredAt
      await Promise.all([first, second].map((instance) => readAll(history, instance)))
      for (let writes = 0; (await headOf(restored)) <= head + 5; writes++) {
        assert.ok(writes < MAX_WRITES, 'the log has grown past its old end')
        await writeAndRecord(history, first, { tenant: 'acme', id: 1 + (writes % KEYS.length) })
      }

      lonely.target = address.target
      lonely.mode = 'pass'
      lonely.cut()
      apart.process.kill('SIGCONT')
      await readAll(history, apart)
      await followsAnew(apart)
      await Promise.all(instances.map((instance) => readAll(history, instance)))
      await runWorkload({ ...work, seed: context.seed + 2, forMs: context.quick ? 1500 : 10_000 })
      for (const instance of instances) assert.deepEqual((await instance.stats()).cache.unwatched, [], 'every type is cached again')
      const trusted = await checkHealed({ context, history, database: restored, instances, settings })
      return resultOf(history, recoveryMs, { 'writes lost': lost, 'values in Redis': trusted })
    },
  }
}

/** Writes a dump of the database. */
export async function dump({ context, database, file }: Restoring): Promise<void> {
  context.defer(() => run('rm', ['-f', file]))
  await run('pg_dump', ['--format=custom', `--file=${file}`, database.url])
}

/** Restores a dump, statement by statement, as most operators do. @throws when a statement failed. */
export async function restoreDump(file: string, url: string, options: readonly string[] = []): Promise<void> {
  await run('pg_restore', [...options, `--dbname=${url}`, file])
}

export async function openRestored(context: FaultContext, url: string): Promise<FaultDatabase> {
  const restored = await openFaultDatabase(url)
  context.defer(() => restored.close())
  return restored
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
