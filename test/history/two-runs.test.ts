import { afterAll, beforeAll, expect, it } from 'vitest'
import { createApp } from '#src/app.ts'
import { readConfig } from '#src/config/config.ts'
import { statementRunner } from '#src/engine/postgres/run-statement.ts'
import { readFigures } from '#src/operations/history/read-figures.ts'
import { readInvalidations } from '#src/operations/history/read-invalidations.ts'
import { createLogger } from '#src/operations/telemetry/logger.ts'
import { ask, JWT_SECRET } from '../e2e/gateway.ts'
import { addMarket, createScratchDatabase, type Market, type ScratchDatabase } from '../modules/scratch-database.ts'

const CALLER_HASH_KEY = 'a caller hash key of the tests of the history'
const CACHE_SECRET = 'a cache secret of the tests of the history'

let scratch: ScratchDatabase
let market: Market

beforeAll(async () => {
  scratch = await createScratchDatabase()
  market = await addMarket(scratch.db, 'acme')
})
afterAll(() => scratch?.drop())

/** Starts the whole gateway, renames a campaign with a mutation, reads campaigns, and stops the gateway. */
async function runGateway(name: string, env: Readonly<Record<string, string>> = {}): Promise<void> {
  const config = readConfig({
    NODE_ENV: 'test',
    PORT: '0',
    DATABASE_URL: scratch.url,
    JWT_SECRET,
    CACHE_SECRET,
    CALLER_HASH_KEY,
    WARMING: 'off',
    ...env,
  })
  const app = await createApp({
    config,
    database: scratch.handle,
    logger: createLogger('silent'),
    workers: undefined,
    explorerToken: undefined,
  })
  const url = await app.listen()
  const list = 'query List { campaigns(first: 5) { edges { node { id name version } } } }'
  const { data } = await ask(url, list)
  const [{ node = null } = {}] = data?.['campaigns'].edges ?? []
  // The alias and the name of the operation belong to the client, and may be names of other mutations.
  const mutation = `mutation deleteCampaign($input: UpdateCampaignInput!) {
    deleteCampaign: updateCampaign(input: $input) { campaign { name } errors { message } }
  }`
  const answer = await ask(url, mutation, { variables: { input: { id: node?.id, version: node?.version, name } } })
  expect(answer.data?.['deleteCampaign']).toEqual({ campaign: { name }, errors: [] })
  for (let i = 0; i < 3; i++) await ask(url, list)
  await app.close()
}

it('The history outlives the processes, and names each write by the mutation of the schema, whatever names the client sent.', async () => {
  const run = statementRunner(scratch.db)
  await runGateway("x'; select 1")
  await runGateway('mutation createCampaign')
  const rows = await readInvalidations(run, { cause: 'mutation updateCampaign', limit: 100 })
  expect(rows.map(({ reason, entityType, tenants, lagMs }) => ({ reason, entityType, tenants, isLagKnown: lagMs !== null }))).toEqual(
    Array.from({ length: 2 }, () => ({
      reason: 'mutation updateCampaign',
      entityType: 'Campaign',
      tenants: [market.tenant],
      isLagKnown: true,
    })),
  )
  const all = await readInvalidations(run, { limit: 100 })
  expect(all.flatMap(({ causes }) => causes.filter(({ cause }) => cause.startsWith('mutation')).map(({ cause }) => cause))).toEqual([
    'mutation updateCampaign',
    'mutation updateCampaign',
  ])
  // Each run asks for the list four times, and sends one mutation.
  const now = Date.now()
  const figures = await readFigures(run, { from: now - 3_600_000, to: now }, now)
  const requestsOf = (name: string) => figures.operations.find(({ operation }) => operation === name)?.requests
  expect([requestsOf('List'), requestsOf('deleteCampaign')]).toEqual([8, 2])
  expect(figures.tenants).toMatchObject([{ tenant: market.tenant, requests: 10 }])
  expect(figures.fields.find(({ field }) => field === 'Query.campaigns')?.loads).toBeGreaterThanOrEqual(2)
}, 60_000)

it('With HISTORY_DAYS=0 a process stores nothing.', async () => {
  const run = statementRunner(scratch.db)
  await run('truncate cache_invalidation_log, cache_performance_metrics', [])
  await runGateway('again', { HISTORY_DAYS: '0' })
  expect(await run('select 1 from cache_invalidation_log union all select 1 from cache_performance_metrics', [])).toEqual([])
}, 60_000)
