import { parseArgs } from 'node:util'
import { readConfig } from '../../config/config.ts'
import { installWatches } from '../../engine/postgres/watch.ts'
import { claimHashKey } from '../modules/compliance/hash-key.ts'
import { marketEntities } from '../modules/index.ts'
import { migrateMarket, openMarketDatabase } from '../tables/database.ts'
import { seedDatabase } from './seed-database.ts'
import { planSeed, type SeedOptions } from './seed-options.ts'

const usage = `Fills the database (DATABASE_URL, or the embedded one) with made-up rows whose figures follow real series.

  npm run db:seed -- [--campaigns 60] [--scale 1] [--tenants 3] [--seed tidegate] [--now 2026-01-31T00:00:00Z] [--add]

  --campaigns  campaigns of all tenants together; each has up to 50 domains
  --scale      1 makes some 6,600 calls, 20,000 bids and 10,000 events; 50 makes 1,000,000 bids
  --tenants    1 to 10
  --seed       the same seed and --now give the same rows
  --now        end of the 30 days, by default this moment
  --add        add to a database that holds rows already

With the CALLER_HASH_KEY of the gateways in the environment, the do-not-call list of the sample data has callers.
`

try {
  await run()
} catch (error) {
  process.stderr.write(`db:seed: ${error instanceof Error ? error.message : String(error)}\n`)
  process.exitCode = 1
}

async function run(): Promise<void> {
  const options = readOptions(process.argv.slice(2))
  if (options === 'help') {
    process.stdout.write(usage)
    return
  }
  planSeed(options)
  const { database, market } = readConfig(process.env)
  const handle = await openMarketDatabase({
    ...(database.url === undefined ? { dataDir: database.embeddedFolder } : { url: database.url }),
    poolSize: 2,
    // Statements insert thousands of rows and may take longer than the statement timeout of the gateway.
    statementTimeoutMs: 600_000,
    onError: (error) => process.stderr.write(`db:seed: ${error.message}\n`),
  })
  try {
    await handle.ping(5_000).catch((cause: unknown) => {
      throw new Error(`the database cannot be used (${String(cause)}): start it, or correct DATABASE_URL.`, { cause })
    })
    await migrateMarket(handle)
    // Installs the invalidation triggers, as the gateway does when it starts, so that running gateways notice the new rows.
    await installWatches(handle, marketEntities())
    const { callerHashKey } = market
    if (callerHashKey !== undefined) await claimHashKey(handle.db, callerHashKey, false)
    const started = performance.now()
    const { tenants, campaigns, domains, buyers, publishers, calls, bids, events } = await seedDatabase(handle.db, {
      ...options,
      callerHashKey,
    })
    const seconds = ((performance.now() - started) / 1_000).toFixed(1)
    process.stdout.write(
      `Seeded ${tenants} tenants, ${campaigns} campaigns, ${domains} domains, ${buyers} buyers, ${publishers} publishers, ${calls} calls, ${bids} bids, ${events} events in ${seconds} s.\n`,
    )
  } finally {
    await handle.close()
  }
}

function readOptions(argv: string[]): SeedOptions | 'help' {
  const { values } = parseArgs({
    args: argv,
    options: {
      campaigns: { type: 'string' },
      scale: { type: 'string' },
      tenants: { type: 'string' },
      seed: { type: 'string' },
      now: { type: 'string' },
      add: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  })
  if (values.help) return 'help'
  const now = values.now === undefined ? Date.now() : Date.parse(values.now)
  if (Number.isNaN(now)) throw new Error(`--now must be a date such as 2026-01-31T00:00:00Z, got ${JSON.stringify(values.now)}.`)
  return {
    now,
    add: values.add,
    ...(values.campaigns === undefined ? {} : { campaigns: Number(values.campaigns) }),
    ...(values.scale === undefined ? {} : { scale: Number(values.scale) }),
    ...(values.tenants === undefined ? {} : { tenants: Number(values.tenants) }),
    ...(values.seed === undefined ? {} : { seed: values.seed }),
    onProgress: reportProgress(),
  }
}

/** Returns a callback that prints a line whenever another tenth of the calls is inserted, if there are many calls. */
function reportProgress(): NonNullable<SeedOptions['onProgress']> {
  let tenths = 0
  return ({ calls, ofCalls }) => {
    const reached = Math.floor((10 * calls) / ofCalls)
    if (ofCalls < 50_000 || reached === tenths) return
    tenths = reached
    process.stderr.write(`${calls} of ${ofCalls} calls\n`)
  }
}
