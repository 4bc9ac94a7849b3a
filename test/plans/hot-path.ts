import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createApp } from '#src/app.ts'
import { readConfig } from '#src/config/config.ts'
import { issueToken } from '#src/gateway/identity/issue-token.ts'
import { openMarketDatabase } from '#src/market/tables/database.ts'
import { createLogger } from '#src/operations/telemetry/logger.ts'
import { lists } from '../corpus/lists.ts'
import { type CorpusOperation, corpus, idsOf } from '../corpus/operations.ts'
import { introspectionQuery, readSchema } from '../e2e/schema-walk.ts'

const ROOT = join(import.meta.dirname, '../..')
const JWT_SECRET = 'jwt secret of the plans, which is long enough'
const TENANT = 'acme'

interface Query {
  query(statement: string, parameters?: readonly unknown[]): Promise<Record<string, unknown>[]>
}

/**
 * Runs all operations of the corpus, as an administrator of the largest tenant, and the reads and writes of k6/ by users of three tenants,
 * on a gateway in this process whose cache is empty at first.
 * @returns the number of operations of the corpus.
 */
export async function runHotPath(url: string, database: Query): Promise<number> {
  const secrets = {
    JWT_SECRET,
    CACHE_SECRET: 'cache secret of the plans, which is long enough',
    CALLER_HASH_KEY: 'caller hash key of the plans, long enough',
  }
  const config = readConfig({ ...secrets, NODE_ENV: 'production', DATABASE_URL: url, PORT: '0', DRAIN_SECONDS: '0', INTROSPECTION: 'on' })
  const handle = await openMarketDatabase({ url, poolSize: 4, statementTimeoutMs: 30_000, onError: () => undefined })
  const app = await createApp({ config, database: handle, logger: createLogger('silent'), workers: undefined, explorerToken: undefined })
  try {
    const baseUrl = await app.listen()
    const admin = await tokenOf(TENANT, 'ADMIN', '1')
    const { data } = await ask(baseUrl, admin, { name: 'schema', document: introspectionQuery, variables: {} })
    const ids = await idsOf(database, TENANT, Date.now())
    const operations = [...corpus(readSchema(data), ids), ...lists(ids)]
    for (const operation of operations) await ask(baseUrl, admin, operation)
    await runLoadScripts(baseUrl)
    return operations.length
  } finally {
    await app.close()
    await handle.close()
  }
}

function tokenOf(tenant: string, role: 'ADMIN' | 'EDITOR', userId: string): Promise<string> {
  return issueToken({
    secret: JWT_SECRET,
    issuer: 'tidegate',
    audience: 'tidegate',
    principal: { tenant, userId, role },
    expiresInSeconds: 3600,
  })
}

async function ask(baseUrl: string, token: string, { document, operationName, variables }: CorpusOperation) {
  const response = await fetch(`${baseUrl}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    body: JSON.stringify({ query: document, variables, operationName }),
  })
  const answer = (await response.json()) as {
    readonly data?: unknown
    readonly errors?: readonly { readonly extensions: { readonly code: string } }[]
  }
  // Some operations of the corpus are refused on purpose, but a statement that takes too long is no answer.
  const failed = answer.errors?.find(({ extensions: { code } }) => ['INTERNAL_SERVER_ERROR', 'UNAVAILABLE', 'TIMEOUT'].includes(code))
  if (failed) throw new Error(`Expected an answer to ${document}, got ${JSON.stringify(failed)}`)
  return answer
}

async function runLoadScripts(baseUrl: string): Promise<void> {
  const tokens = await Promise.all(['acme', 'northstar', 'tenant-40'].map((tenant) => tokenOf(tenant, 'EDITOR', 'load')))
  const child = spawn(
    process.execPath,
    [
      '--disable-warning=ExperimentalWarning',
      join(ROOT, 'load/main.ts'),
      'write-mix',
      '--quiet',
      '--duration',
      '15s',
      '--rate',
      '20',
      '--base-url',
      baseUrl,
    ],
    {
      env: { PATH: process.env['PATH'], HOME: process.env['HOME'], TOKENS: tokens.join(','), P95_MS: '60000', VUS: '200' },
      stdio: ['ignore', 'ignore', 'inherit'],
    },
  )
  const [code] = await once(child, 'exit')
  if (code !== 0) throw new Error(`Expected the load test to pass, got exit code ${code}.`)
}
