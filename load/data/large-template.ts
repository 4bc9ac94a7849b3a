import { hash } from 'node:crypto'
import type pg from 'pg'
import { readMigrations } from '#src/engine/postgres/read-migrations.ts'
import { MIGRATIONS } from '#src/market/tables/database.ts'
import { fillMarket, publishers } from './fill-market.ts'
import { LARGE, largeMarket } from './large-market.ts'
import { databaseUrl, onServer } from './server.ts'

const PREFIX = 'tidegate_large_'
/** Key of the advisory lock. Only the process that holds the lock may build, copy or drop a template. */
const LOCK = 7_310_869
const DAY_MS = 86_400_000

/**
 * Creates a database with a million bids (see `LARGE`), as a copy of a template database. If there is no current template, the function
 * builds one, which takes minutes. A new template is needed on each day (UTC), after a new migration, and after a change of the statements
 * that insert the rows. Outdated templates are dropped.
 * @param name Name of the new database. The caller drops this database.
 * @param onBuild Called with a message before and after a template is built.
 */
export async function createLargeDatabase(server: string, name: string, onBuild: (message: string) => void): Promise<void> {
  await onServer(server, async (client) => {
    // The lock is held until the copy is made. So no other process can drop the template or connect to it meanwhile.
    await client.query('select pg_advisory_lock($1)', [LOCK])
    const template = await currentTemplate()
    const { rows } = await client.query<{ datname: string }>("select datname from pg_database where datname like 'tidegate\\_large\\_%'")
    for (const { datname } of rows) if (datname !== template) await client.query(`drop database if exists ${datname}`)
    if (!rows.some(({ datname }) => datname === template)) {
      onBuild('a template with 1,000,000 bids is built, once a day')
      const seconds = await build(server, client, template)
      onBuild(`the template was built in ${seconds.toFixed(0)} s`)
    }
    await client.query(`create database ${name} template ${template} strategy file_copy`)
  })
  // The first query on the copy waits for the disk. It is sent here, because a gateway that waits so long would fail to start.
  await onServer(databaseUrl(server, name), (client) => client.query('select * from cache.broken_watches()'))
}

/** Returns the name of the current template. The name depends on the day, the migrations and the statements that insert the rows. */
async function currentTemplate(): Promise<string> {
  const migrations = Object.keys(await readMigrations(MIGRATIONS))
  const today = Math.floor(Date.now() / DAY_MS)
  return `${PREFIX}${hash('sha256', JSON.stringify([today, migrations, largeMarket(0, LARGE), publishers])).slice(0, 12)}`
}

/** Builds the template. @returns the duration, s. */
async function build(server: string, client: pg.Client, template: string): Promise<number> {
  const started = performance.now()
  const draft = `${PREFIX}draft`
  await client.query(`drop database if exists ${draft}`)
  await client.query(`create database ${draft}`)
  await fillMarket(databaseUrl(server, draft), LARGE)
  // The template gets its final name only when it is complete. So a template with that name is never half built.
  await client.query(`alter database ${draft} rename to ${template}`)
  return (performance.now() - started) / 1000
}
