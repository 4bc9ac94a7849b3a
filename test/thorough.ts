/**
 * Runs the checks of which `npm test` runs only a part, completely, and Apollo's own test suite: `npm run test:thorough -- bytes | traces |
 * import | dnc | loads | restores | releases | events | live | types | warmth | plans | routing | executor | advice | figures |
 * experiments | apollo | recognition`. Without a name, it runs all checks. `figures --minutes n` runs for n minutes instead of ten. Exits with the exit code of the first check that fails.
 */
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { parseArgs } from 'node:util'

const root = join(import.meta.dirname, '..')
const suite = 'test/apollo-suite'

interface Command {
  readonly line: string
  readonly env?: Readonly<Record<string, string>>
  /** Whether the command has the option `--minutes`. */
  readonly takesMinutes?: boolean
}

/** Tests about the bytes, headers and forms of requests. They run with recognition of requests in `npm test`, and without it in `recognition`. */
const overHttp = [
  ...['pipelines', 'raw-requests', 'request-forms', 'request-headers'].map((name) => `test/threats/${name}.test.ts`),
  'test/http',
  ...['audits', 'byte-compare', 'conditional'].map((name) => `test/e2e/${name}.test.ts`),
]
const unrecognised = { RECOGNISE_REQUESTS: 'off' }

const commands: Readonly<Record<string, readonly Command[]>> = {
  bytes: [{ line: 'vitest run test/e2e/byte-compare.test.ts', env: { COMPARE_EVERY: process.env['COMPARE_EVERY'] ?? '1' } }],
  traces: [{ line: 'vitest run test/cache/traces.test.ts', env: { TRACES_ALL: '1' } }],
  import: [{ line: 'vitest run --config vitest.system.config.ts test/long/import', env: { IMPORT_ALL: '1' } }],
  dnc: [{ line: 'vitest run --config vitest.system.config.ts test/long/dnc-list.test.ts', env: { DNC_ALL: '1' } }],
  loads: [{ line: 'vitest run --config vitest.system.config.ts test/long/load-tests.test.ts' }],
  restores: [{ line: 'vitest run --config vitest.system.config.ts test/system/restores.test.ts', env: { RESTORES_ALL: '1' } }],
  releases: [{ line: 'vitest run --config vitest.system.config.ts test/system/two-releases.test.ts', env: { RELEASES_ALL: '1' } }],
  events: [{ line: 'vitest run --config vitest.system.config.ts test/long/event-flood.test.ts' }],
  live: [{ line: 'vitest run --config vitest.system.config.ts test/long/live-queries.test.ts' }],
  types: [{ line: 'vitest run --config vitest.system.config.ts test/system/adding-a-type.test.ts', env: { PIECES_ALL: '1' } }],
  warmth: [
    { line: 'vitest run test/warming/corpus-keys.test.ts', env: { WARMTH_ALL: '1' } },
    { line: 'vitest run --config vitest.system.config.ts test/system/warmth', env: { WARMTH_ALL: '1' } },
  ],
  plans: [{ line: 'node test/plans/main.ts' }],
  routing: [
    { line: 'vitest run test/routing/routing-oracle.test.ts test/routing/rule-sets-under-load.test.ts', env: { ROUTING_ALL: '1' } },
  ],
  executor: [{ line: 'vitest run test/graphql/executor-corpus.test.ts', env: { EXECUTOR_ALL: '1' } }],
  advice: [{ line: 'vitest run test/advice', env: { ADVICE_ALL: '1' } }],
  figures: [{ line: 'node test/growth/main.ts', takesMinutes: true }],
  experiments: [{ line: 'vitest run test/experiments/simulated-experiments.test.ts', env: { EXPERIMENTS_ALL: '1' } }],
  apollo: [{ line: `npm ci --prefix ${suite}` }, { line: `npm test --prefix ${suite}` }],
  recognition: [
    { line: 'node test/hostile/main.ts --streams 5000' },
    { line: `vitest run ${overHttp.join(' ')}`, env: unrecognised },
    { line: `npm ci --prefix ${suite}` },
    { line: `npm test --prefix ${suite}`, env: unrecognised },
  ],
}

const { values, positionals } = parseArgs({ options: { minutes: { type: 'string' } }, allowPositionals: true })
const [name, ...rest] = positionals
const chosen = name === undefined ? Object.values(commands).flat() : commands[name]
const minutes = values.minutes === undefined ? [] : ['--minutes', String(Number(values.minutes))]
if (!chosen || rest.length > 0 || (minutes.length > 0 && name !== 'figures')) {
  process.stderr.write(
    `Expected the name of one check (${Object.keys(commands).join(', ')}), or no argument for all checks; got ${process.argv.slice(2).join(' ')}.\n`,
  )
  process.exit(2)
}
for (const { line, env, takesMinutes = false } of chosen) {
  const command = takesMinutes ? [line, ...minutes].join(' ') : line
  const { status } = spawnSync(command, { cwd: root, shell: true, stdio: 'inherit', env: { ...process.env, ...env } })
  if (status !== 0) process.exit(status ?? 1)
}
