/**
 * Imports the data sets in a folder: `npm run db:import -- DIR`. The rows go into the database at DATABASE_URL. If DATABASE_URL is not set,
 * the rows go into the embedded database.
 */
import { parseArgs } from 'node:util'
import { readConfig } from '#src/config/config.ts'
import { installWatches } from '#src/engine/postgres/watch.ts'
import { importFolder } from '#src/market/import/import-folder.ts'
import { summaryLines } from '#src/market/import/summary.ts'
import { marketEntities } from '#src/market/modules/index.ts'
import { migrateMarket, openMarketDatabase } from '#src/market/tables/database.ts'
import { ImportProgress } from './import/progress.ts'

const usage = `Imports every file of a known format below DIR into the database (DATABASE_URL, or the embedded one).

  npm run db:import -- DIR [--tenant imported]

  DIR       folder with the files, at any depth; docs/importing.md lists the formats
  --tenant  tenant that gets the rows; created, with amounts in USD, if absent

Each file is imported as a whole or not at all. Rows that an earlier import stored are not stored again.
The exit code is 1 if a file was refused.
`

try {
  await run()
} catch (error) {
  process.stderr.write(`db:import: ${error instanceof Error ? error.message : String(error)}\n`)
  process.exitCode = 1
}

async function run(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { tenant: { type: 'string', default: 'imported' }, help: { type: 'boolean', default: false } },
  })
  if (values.help) {
    process.stdout.write(usage)
    return
  }
  const [path, ...others] = positionals
  if (path === undefined || others.length > 0) throw new Error(`expected one folder, got ${positionals.length}: npm run db:import -- DIR.`)
  const { database } = readConfig(process.env)
  const handle = await openMarketDatabase({
    ...(database.url === undefined ? { dataDir: database.embeddedFolder } : { url: database.url }),
    poolSize: 2,
    // The statement timeout for requests is too short for statements with thousands of rows.
    statementTimeoutMs: 600_000,
    onError: (error) => process.stderr.write(`db:import: ${error.message}\n`),
  })
  try {
    await handle.ping(5_000).catch((cause: unknown) => {
      throw new Error(`the database cannot be used (${String(cause)}): start the database, or correct DATABASE_URL.`, { cause })
    })
    await migrateMarket(handle)
    // The invalidation triggers are installed before any row is added, so that running gateways notice the new rows.
    await installWatches(handle, marketEntities())
    const progress = new ImportProgress(process.stdout)
    const started = performance.now()
    const folder = await importFolder(handle.db, {
      path,
      tenant: values.tenant,
      now: Date.now(),
      onBegin: (file) => progress.begin(file),
      onProgress: (file, bytesRead) => progress.advance(file, bytesRead),
      onEnd: (file, result) => progress.end(file, result),
    }).finally(() => progress.stop())
    for (const line of summaryLines(folder, values.tenant, (performance.now() - started) / 1_000)) process.stdout.write(`${line}\n`)
    if (folder.refused.length > 0) process.exitCode = 1
  } finally {
    await handle.close()
  }
}
