/**
 * Imports the data sets in a folder: `npm run db:import -- DIR`; or a do-not-call list: `npm run db:import -- FILE --list NAME`. The rows go into the database at DATABASE_URL. If DATABASE_URL is not set,
 * the rows go into the embedded database.
 */
import { constants, setPriority } from 'node:os'
import { setTimeout as pause } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { readConfig } from '#src/config/config.ts'
import { installWatches } from '#src/engine/postgres/watch.ts'
import { importDncList, LIST_NAME } from '#src/market/import/dnc/import-dnc-list.ts'
import { openLines } from '#src/market/import/dnc/read-lines.ts'
import { Throttle } from '#src/market/import/dnc/throttle.ts'
import { importFolder } from '#src/market/import/import-folder.ts'
import { problemLine } from '#src/market/import/problem.ts'
import { summaryLines } from '#src/market/import/summary.ts'
import { claimHashKey } from '#src/market/modules/compliance/hash-key.ts'
import { marketEntities } from '#src/market/modules/index.ts'
import { callerHashes } from '#src/market/rules/caller.ts'
import { type MarketDatabase, migrateMarket, openMarketDatabase } from '#src/market/tables/database.ts'
import { withDevelopmentSecrets } from '#src/start/development-secrets.ts'
import { ImportProgress } from './import/progress.ts'

/** Share of the time in which the import of a do-not-call list uses the database. */
const IMPORT_SHARE = 0.15

const usage = `Imports every file of a known format below DIR into the database (DATABASE_URL, or the embedded one).

  npm run db:import -- DIR [--tenant imported]
  npm run db:import -- FILE --list NAME

  DIR       folder with the files, at any depth; docs/importing.md lists the formats
  --tenant  tenant that gets the rows; created, with amounts in USD, if absent

  FILE      callers who must not be called, one a line: numbers such as +12125550123, or their SHA-256 as 64 hexadecimal digits.
            Files whose names end with .gz or .zst are decompressed; - is the standard input
  --list    name of the do-not-call list that the file replaces, such as national

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
    options: { tenant: { type: 'string' }, list: { type: 'string' }, help: { type: 'boolean', default: false } },
  })
  if (values.help) {
    process.stdout.write(usage)
    return
  }
  const [path, ...others] = positionals
  if (path === undefined || others.length > 0) throw new Error(`expected one folder, got ${positionals.length}: npm run db:import -- DIR.`)
  const { list, tenant = 'imported' } = values
  if (list !== undefined && values.tenant !== undefined)
    throw new Error('expected --list or --tenant, got both: all tenants share the lists.')
  if (list !== undefined && !LIST_NAME.test(list))
    throw new Error('expected a name of 1 to 63 lower-case letters, digits and hyphens after --list.')
  // The callers of a list are hashed under the key of the gateway, which is generated in development.
  const { database, market } =
    list === undefined ? readConfig(process.env) : await withDevelopmentSecrets(readConfig(process.env), { memory: false })
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
    if (list !== undefined) {
      await importList(handle, market.callerHashKey ?? '', list, path)
      return
    }
    const progress = new ImportProgress(process.stdout)
    const started = performance.now()
    const folder = await importFolder(handle.db, {
      path,
      tenant,
      now: Date.now(),
      onBegin: (file) => progress.begin(file),
      onProgress: (file, bytesRead) => progress.advance(file, bytesRead),
      onEnd: (file, result) => progress.end(file, result),
    }).finally(() => progress.stop())
    for (const line of summaryLines(folder, tenant, (performance.now() - started) / 1_000)) process.stdout.write(`${line}\n`)
    if (folder.refused.length > 0) process.exitCode = 1
  } finally {
    await handle.close()
  }
}

/** Imports a do-not-call list, and prints the result. */
async function importList({ db, embedded }: MarketDatabase, key: string, list: string, path: string): Promise<void> {
  await claimHashKey(db, key, false)
  const started = performance.now()
  // Pings go on meanwhile. The embedded database is used by nobody else.
  if (!embedded) setPriority(constants.priority.PRIORITY_LOW)
  const throttle = new Throttle({ share: embedded ? 1 : IMPORT_SHARE, monotonic: () => performance.now(), pause })
  const result = await importDncList(db, {
    list,
    lines: openLines(path),
    hashes: callerHashes(Buffer.from(key)),
    isAlone: embedded,
    throttle,
  })
  const seconds = ((performance.now() - started) / 1000).toFixed(1)
  if ('problem' in result) {
    process.stderr.write(`${problemLine(path, result.problem)}\n`)
    process.exitCode = 1
  } else process.stdout.write(`The list ${list} has ${result.entries} callers (version ${result.version}), imported in ${seconds} s.\n`)
}
