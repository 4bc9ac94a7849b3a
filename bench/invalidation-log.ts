/**
 * What the invalidation log costs the database: `npm run bench:log -- [--rounds 5] [--seconds 3] [--writers 8] [--json file]`.
 * Commits per second of a write mix (a transaction updates a campaign and a call and places a bid) without the triggers, with
 * them while four instances follow the log, and with each commit acknowledged through a barrier; the three take turns in one run.
 * Then the time of a look at the log that finds nothing, and of one that publishes what was written since. Needs a PostgreSQL
 * (DATABASE_URL, by default the one at its usual place); makes a database of its own there and drops it.
 */
import { writeFile } from 'node:fs/promises'
import { setTimeout as pause } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import pg from 'pg'
import { Cache } from '../src/cache/index.ts'
import { createModules } from '../src/modules/index.ts'
import { migrate } from '../src/postgres/migrations.ts'
import { type DatabaseHandle, openDatabase } from '../src/postgres/open-database.ts'
import { installWatches } from '../src/postgres/watch.ts'
import { seedDatabase } from '../src/seed/seed-database.ts'

type Mode = 'without triggers' | 'with triggers, four instances' | 'and a barrier for each commit'

const MODES: readonly Mode[] = ['without triggers', 'with triggers, four instances', 'and a barrier for each commit']
const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '3' },
    writers: { type: 'string', default: '8' },
    json: { type: 'string' },
  },
})
const server = process.env['DATABASE_URL'] ?? 'postgres://postgres@127.0.0.1:5432/postgres'
const name = `tidegate_bench_${process.pid}`
const entities = createModules().flatMap((module) => [...module.entities.map(({ entity }) => entity), ...(module.watched ?? [])])

await onServer(`create database ${name}`)
try {
  await measure(Object.assign(new URL(server), { pathname: `/${name}` }).href)
} finally {
  await onServer(`drop database if exists ${name} with (force)`)
}

async function measure(url: string): Promise<void> {
  const database = await openDatabase({ url, poolSize: 2, statementTimeoutMs: 60_000, onError: () => undefined })
  await migrate(database)
  await installWatches(database, entities)
  await seedDatabase(database.db, { now: Date.now(), campaigns: 60, scale: 1 })
  const writers = await Promise.all(Array.from({ length: Number(values.writers) }, () => connect(url)))
  const [administrator] = writers as [pg.Client]
  const ids = await readIds(administrator)
  const commits: Record<Mode, number[]> = {
    'without triggers': [],
    'with triggers, four instances': [],
    'and a barrier for each commit': [],
  }
  for (let round = 0; round < Number(values.rounds); round++) {
    for (const mode of MODES) {
      await switchTriggers(administrator, mode === 'without triggers' ? 'disable' : 'enable always')
      const caches = mode === 'without triggers' ? [] : await startCaches(database, 4)
      const [first] = caches
      const acknowledge = mode === 'and a barrier for each commit' ? first : undefined
      commits[mode].push(await write(writers, ids, Number(values.seconds) * 1000, acknowledge))
      for (const cache of caches) await cache.close()
    }
  }
  const looks = await timeLooks(database, administrator, ids)
  for (const writer of writers) await writer.end()
  await database.close()
  report(commits, looks)
}

async function startCaches(database: DatabaseHandle, count: number): Promise<readonly Cache[]> {
  return Promise.all(
    Array.from({ length: count }, async () => {
      const cache = new Cache({ log: database.openLog(), entities, secrets: ['bench'], sketchColumns: 2 ** 16 })
      await cache.start()
      return cache
    }),
  )
}

/** Commits per second. */
async function write(writers: readonly pg.Client[], ids: Ids, ms: number, acknowledge: Cache | undefined): Promise<number> {
  const startedAt = performance.now()
  let commits = 0
  await Promise.all(
    writers.map(async (writer) => {
      while (performance.now() - startedAt < ms) {
        await writeOnce(writer, ids)
        await acknowledge?.acknowledge(acknowledge.openSession())
        commits++
      }
    }),
  )
  return (commits / (performance.now() - startedAt)) * 1000
}

async function writeOnce(client: pg.Client, { calls }: Ids): Promise<void> {
  const call = calls[Math.floor(Math.random() * calls.length)] as Ids['calls'][number]
  await client.query('begin')
  await client.query('update campaigns set version = version + 1, updated_at = now() where id = $1', [call.campaign_id])
  await client.query('update calls set version = version + 1, cost_minor = cost_minor + 1 where id = $1', [call.id])
  await client.query(
    `insert into bids (tenant_id, call_id, campaign_id, buyer_id, amount_minor, expires_at) values ($1, $2, $3, $4, 100, now() + interval '1 hour')`,
    [call.tenant_id, call.id, call.campaign_id, call.buyer_id],
  )
  await client.query('commit')
}

interface Ids {
  readonly calls: readonly { readonly id: string; readonly campaign_id: string; readonly tenant_id: string; readonly buyer_id: string }[]
}

async function readIds(client: pg.Client): Promise<Ids> {
  const { rows } = await client.query<Ids['calls'][number]>(
    'select id, campaign_id, tenant_id, (select min(id) from buyers where buyers.tenant_id = calls.tenant_id) as buyer_id from calls limit 5000',
  )
  return { calls: rows }
}

async function switchTriggers(client: pg.Client, state: 'disable' | 'enable always'): Promise<void> {
  const { rows } = await client.query<{ table: string; trigger: string }>(
    `select tgrelid::regclass::text as table, tgname as trigger from pg_trigger join pg_proc on pg_proc.oid = tgfoid
     where pronamespace = 'cache'::regnamespace and not tgisinternal`,
  )
  if (rows.length === 0) throw new Error('No table has the triggers of the invalidation log.')
  for (const { table, trigger } of rows) await client.query(`alter table ${table} ${state} trigger "${trigger}"`)
}

/** Milliseconds of looks at the log: when nothing was written, and after one, ten and a hundred transactions. */
async function timeLooks(database: DatabaseHandle, client: pg.Client, ids: Ids): Promise<Readonly<Record<string, readonly number[]>>> {
  const log = database.openLog()
  const look = async (from: number) => {
    const startedAt = performance.now()
    const rows = await log.sync(from, 1000, 10_000)
    return { ms: performance.now() - startedAt, head: rows.at(-1)?.seq ?? from }
  }
  let { head } = await look((await log.sync(null, 1, 10_000))[0]?.seq ?? 1)
  const times: Record<string, number[]> = {}
  for (const [transactions, looks] of [
    [0, 2000],
    [1, 200],
    [10, 50],
    [100, 10],
  ] as const) {
    const measured: number[] = []
    for (let i = 0; i < looks; i++) {
      for (let written = 0; written < transactions; written++) await writeOnce(client, ids)
      const { ms, head: newHead } = await look(head)
      head = newHead
      measured.push(ms)
    }
    times[transactions === 0 ? 'idle' : `after ${transactions} transactions`] = measured
    await pause(10)
  }
  await log.close()
  return times
}

function report(commits: Record<Mode, number[]>, looks: Readonly<Record<string, readonly number[]>>): void {
  const limit = median(commits['without triggers'])
  const say = (line: string) => process.stdout.write(`${line}\n`)
  say('| commits a second | median | ratio | rounds |\n|---|---|---|---|')
  for (const mode of MODES)
    say(
      `| ${mode} | ${median(commits[mode]).toFixed(0)} | ${(median(commits[mode]) / limit).toFixed(2)} | ${commits[mode].map(Math.round).join(', ')} |`,
    )
  say('\n| a look at the log, ms | median | p99 |\n|---|---|---|')
  for (const [what, times] of Object.entries(looks)) say(`| ${what} | ${median(times).toFixed(2)} | ${quantile(times, 0.99).toFixed(2)} |`)
  if (values.json !== undefined) void writeFile(values.json, `${JSON.stringify({ commits, looks }, null, 2)}\n`)
}

function median(numbers: readonly number[]): number {
  return quantile(numbers, 0.5)
}

function quantile(numbers: readonly number[], share: number): number {
  return numbers.toSorted((a, b) => a - b)[Math.min(numbers.length - 1, Math.floor(numbers.length * share))] ?? Number.NaN
}

async function connect(url: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  return client
}

async function onServer(statement: string): Promise<void> {
  const client = await connect(server)
  await client.query(statement)
  await client.end()
}
