/**
 * Fails if a statement of the hot path scans, reads or sorts a large part of a table that grows, on a database with 1,000,000 bids:
 * `npm run test:thorough -- plans`. Prints every statement that was checked, with its plan in short.
 */
import pg from 'pg'
import { createLargeDatabase } from '../../load/data/large-template.ts'
import { databaseUrl, onServer } from '../../load/data/server.ts'
import { runHotPath } from './hot-path.ts'
import { accessesOf, faultsOf, type Limits, type PlannedStatement } from './plan.ts'
import { REASONS } from './reasons.ts'
import { recordPlans, tellPlans } from './recorder.ts'

const SERVER = process.env['DATABASE_URL'] ?? 'postgres://postgres@127.0.0.1:5432/postgres'
/** Tables that do not grow with the market, so that a scan of them is as fast in a year as it is today, and why they do not. */
const FIXED: Readonly<Record<string, string>> = {
  identity: 'one row',
  tlds: 'the list of IANA',
  watched: 'a row for each type that is cached',
  kysely_migration: 'a row for each migration',
  kysely_compatibility: 'a row for each migration',
  cache_policy_version: 'one row',
  cache_experiments: 'at most 104 rows, because the oldest ended ones are deleted',
  cache_deploys: 'a row for each deploy of the last days',
  cache_instances: 'a row for each process that runs, because those that are gone are deleted',
  cache_history_writers: 'a row for each process that wrote figures in the last days',
}
const MIN_SCANNED_ROWS = 10_000
const MAX_ROWS = 10_000
/** Statement that no index serves. */
const PLANTED = 'select id from calls where duration_seconds = 91'

interface Checked {
  runs: number
  readonly accesses: Set<string>
  readonly faults: Set<string>
}

const name = `tidegate_plans_${process.pid}`
process.exitCode = await main().catch((error: unknown) => {
  process.stderr.write(`plans: ${error instanceof Error ? error.stack : error}\n`)
  return 1
})

async function main(): Promise<number> {
  await createLargeDatabase(SERVER, name, (message) => process.stderr.write(`plans: ${message}\n`))
  try {
    const url = databaseUrl(SERVER, name)
    const asPlanned = await check(url, { isSeqScanAvoided: false })
    // Where the planner avoids sequential scans, one that is left says that no index fits, however small the table is today.
    const avoided = await check(url, { isSeqScanAvoided: true })
    for (const [text, { faults }] of avoided)
      for (const fault of faults) if (fault.startsWith('scans')) asPlanned.get(text)?.faults.add(fault)
    return report(asPlanned)
  } finally {
    await onServer(SERVER, (client) => client.query(`drop database if exists ${name} with (force)`))
  }
}

async function check(url: string, { isSeqScanAvoided }: { readonly isSeqScanAvoided: boolean }): Promise<Map<string, Checked>> {
  await onServer(SERVER, (client) => tellPlans(client, name, isSeqScanAvoided))
  const statements = new Map<string, Checked>()
  // Not recorded: it connects before.
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  const limits: Limits = { sizes: await sizesOf(client), minScannedRows: isSeqScanAvoided ? 0 : MIN_SCANNED_ROWS, maxRows: MAX_ROWS }
  const stop = recordPlans((statement) => note(statements, statement, limits))
  try {
    await runHotPath(url, { query: async (statement, parameters = []) => (await client.query(statement, [...parameters])).rows })
    await onServer(url, (planted) => planted.query(PLANTED))
  } finally {
    stop()
    await client.end()
  }
  return statements
}

function note(statements: Map<string, Checked>, { text, plan }: PlannedStatement, limits: Limits): void {
  const checked = statements.get(text) ?? { runs: 0, accesses: new Set(), faults: new Set() }
  statements.set(text, checked)
  checked.runs++
  for (const access of accessesOf(plan)) checked.accesses.add(access)
  for (const fault of faultsOf(plan, limits)) checked.faults.add(fault)
}

/** The statistics of the template are those of the rows. */
async function sizesOf(client: pg.Client): Promise<ReadonlyMap<string, number>> {
  const { rows } = await client.query<{ relname: string; rows: number }>(
    `select relname, reltuples::int as rows from pg_class where relkind = 'r' and relnamespace in ('public'::regnamespace, 'cache'::regnamespace)`,
  )
  return new Map(rows.filter(({ relname }) => !Object.hasOwn(FIXED, relname)).map(({ relname, rows: count }) => [relname, count]))
}

function report(statements: ReadonlyMap<string, Checked>): number {
  const print = (line: string) => process.stdout.write(`${line}\n`)
  const bad: string[] = []
  for (const [text, { runs, accesses, faults }] of [...statements].sort(([one], [other]) => (one < other ? -1 : 1))) {
    if (text === PLANTED) continue
    print(`${runs} x ${text}\n    ${[...accesses].join(', ') || 'no table'}`)
    const reason = REASONS.find(({ statement }) => statement.test(text))
    for (const fault of faults) print(`    ${fault}${reason && isAllowed(fault) ? `: ${reason.why}` : ''}`)
    if ([...faults].some((fault) => !(reason && isAllowed(fault)))) bad.push(text)
  }
  const isPlantedFound = (statements.get(PLANTED)?.faults.size ?? 0) > 0
  print(
    `${statements.size - 1} statements were checked, ${bad.length} read or sort too much. The planted one was ${isPlantedFound ? '' : 'NOT '}found.`,
  )
  return bad.length === 0 && isPlantedFound ? 0 : 1
}

/** Returns whether a reason excuses the fault. Nothing excuses a sequential scan. */
function isAllowed(fault: string): boolean {
  return !fault.startsWith('scans')
}
