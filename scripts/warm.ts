/**
 * Warms the cache of a running gateway: `npm run warm -- [NAME …]`. The script sends the queries of the warm files, such as
 * warm/dashboards.graphql.
 */
import { setTimeout as pause } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { type Config, readConfig } from '#src/config/config.ts'
import { GatewayError } from '#src/errors.ts'
import { issueToken } from '#src/gateway/identity/issue-token.ts'
import type { RecordedOperation } from '#src/gateway/warming/recorded-operation.ts'
import { readWarmFile } from '#src/gateway/warming/warm-file.ts'
import { recordedOperations, type WarmOperation } from '#src/gateway/warming/warm-operation.ts'
import { activeTenants } from '#src/market/modules/tenants/active-tenants.ts'
import { createLogger } from '#src/operations/telemetry/logger.ts'
import { DASHBOARDS_FILE } from '#src/operations/warming/open-warm-schedule.ts'
import { type WarmResponse, warmOverHttp } from '#src/operations/warming/warm-over-http.ts'
import { withDevelopmentSecrets } from '#src/start/development-secrets.ts'
import { explainFailure } from '#src/start/failure-line.ts'
import { openConfiguredDatabase } from '#src/start/prepare-database.ts'
import { WarmProgress } from './warm/progress.ts'

const USAGE = `Warms a running gateway: sends it the queries of the warm files, as requests of each of their callers.

  npm run warm -- [--url http://127.0.0.1:4000] [--file FILE] [--tenant TENANT …] [--concurrent 4] [NAME …]

  NAME          queries to warm; default: all
  --url         address of the gateway; default: HOST and PORT
  --file        file with the queries; default: WARM_FILE, and the dashboards that WARM_DASHBOARDS warms
  --tenant      tenant to warm in place of those that a query names; can be repeated
  --concurrent  maximum number of requests in flight, from 1 to 64

The exit code is 1 if a query could not be warmed, and 2 for wrong arguments.
`
const TOKEN_SECONDS = 3600

type Arguments = ReturnType<typeof parse>

class UsageError extends Error {}

function parse() {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      help: { type: 'boolean', short: 'h', default: false },
      url: { type: 'string' },
      file: { type: 'string' },
      tenant: { type: 'string', multiple: true, default: [] },
      concurrent: { type: 'string', default: '4' },
    },
  })
  const concurrent = Number(values.concurrent)
  if (!Number.isInteger(concurrent) || concurrent < 1 || concurrent > 64)
    throw new UsageError(`--concurrent: expected a whole number from 1 to 64, got ${values.concurrent}.`)
  return { ...values, concurrent, names: positionals }
}

function readArguments(): Arguments {
  try {
    return parse()
  } catch (error) {
    process.stderr.write(`warm: ${error instanceof Error ? error.message : error}\n${USAGE}`)
    process.exit(2)
  }
}

async function readOperations(config: Config, { file, names }: Arguments): Promise<readonly WarmOperation[]> {
  const configured = config.warming.file
  const files = file === undefined ? [DASHBOARDS_FILE, ...(configured === undefined ? [] : [configured])] : [file]
  const placed = (await Promise.all(files.map(readWarmFile))).flat()
  const operations = placed.map(({ operation }) => operation)
  const unknown = names.find((name) => !operations.some((operation) => operation.name === name))
  if (unknown !== undefined)
    throw new GatewayError(
      'CONFIGURATION',
      `There is no query ${unknown}. Known queries: ${operations.map(({ name }) => name).join(', ')}. Name one of these, or give another file with --file.`,
    )
  return names.length === 0 ? operations : operations.filter(({ name }) => names.includes(name))
}

async function findActive(config: Config): Promise<readonly string[]> {
  if (config.database.url === undefined)
    throw new GatewayError(
      'CONFIGURATION',
      'The active tenants are in the embedded database, which belongs to the running gateway. Name the tenants: --tenant acme.',
    )
  const database = await openConfiguredDatabase(config, { memory: false, logger: createLogger('warn') })
  try {
    return await activeTenants(database.db, Date.now())
  } finally {
    await database.close()
  }
}

/** Creates a function that sends an operation to the gateway. Operations of the same tenant and role have the same access token. */
function createSend(url: string, { identity }: Config) {
  const [secret] = identity.secrets
  const tokens = new Map<string, Promise<string>>()
  const tokenOf = ({ tenant, role }: RecordedOperation) => {
    if (tenant === null || role === null) return undefined
    if (secret === undefined)
      throw new GatewayError(
        'CONFIGURATION',
        'JWT_SECRET: expected a secret that signs tokens of tenants, got none. With JWKS_FILE or JWKS_URL, use a schedule: @warm(cron:).',
      )
    const { issuer, audience } = identity
    const principal = { tenant, role, userId: 'warming' }
    const token = tokens.get(`${tenant} ${role}`) ?? issueToken({ secret, issuer, audience, principal, expiresInSeconds: TOKEN_SECONDS })
    tokens.set(`${tenant} ${role}`, token)
    return token
  }
  return async (recorded: RecordedOperation): Promise<WarmResponse> => {
    const token = await tokenOf(recorded)
    const response = await fetch(`${url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...(token === undefined ? {} : { authorization: `Bearer ${token}` }) },
      body: JSON.stringify({ query: recorded.document, operationName: recorded.operationName, variables: recorded.variables }),
    })
    const { headers, status } = response
    const { errors = [] } = (await response.json()) as { readonly errors?: readonly { readonly message: string }[] }
    return { status, cache: headers.get('x-cache'), retryAfter: headers.get('retry-after'), errors: errors.map(({ message }) => message) }
  }
}

async function run(given: Arguments): Promise<void> {
  const config = await withDevelopmentSecrets(readConfig(process.env), { memory: false })
  const operations = await readOperations(config, given)
  const named = operations.map((operation) =>
    operation.tenants !== undefined && given.tenant.length > 0 ? { ...operation, tenants: given.tenant } : operation,
  )
  const active = named.some(({ tenants }) => tenants === 'ACTIVE') ? await findActive(config) : []
  const all = named.flatMap((operation) => recordedOperations(operation, active, Date.now()))
  const { host, port } = config.server
  const url = given.url ?? `http://${host.includes(':') ? `[${host}]` : host}:${port}`
  const tally = { warmed: 0, cached: 0, failed: 0 }
  const problems = new Map<string, number>()
  const progress = new WarmProgress(process.stdout, all.length)
  const startedAt = performance.now()
  await warmOverHttp(all, {
    send: createSend(url.replace(/\/$/, ''), config),
    concurrent: given.concurrent,
    pause: (ms) => pause(ms),
    onResult: ({ operationName, tenant, role }, result) => {
      tally[result.name]++
      if (result.name === 'failed') {
        const line = `${operationName}${tenant === null ? '' : ` for ${role} of ${tenant}`}: ${result.reason}`
        problems.set(line, (problems.get(line) ?? 0) + 1)
      }
      progress.advance()
    },
  }).finally(() => progress.stop())
  for (const [line, times] of problems) process.stderr.write(`warm: ${line}${times > 1 ? ` (${times} times)` : ''}\n`)
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1)
  process.stdout.write(`${tally.warmed} warmed, ${tally.cached} cached before, ${tally.failed} failed, in ${seconds} s\n`)
  if (tally.failed > 0) process.exitCode = 1
}

const given = readArguments()
if (given.help) process.stdout.write(USAGE)
else {
  try {
    await run(given)
  } catch (error) {
    for (const line of explainFailure(error)) process.stderr.write(`warm: ${line}\n`)
    process.exitCode = 1
  }
}
