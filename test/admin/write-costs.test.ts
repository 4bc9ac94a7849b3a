import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { type Gateway, startGateway } from '../e2e/gateway.ts'
import { createDatabase, type TestDatabase } from '../servers/database.ts'
import { call, type Json, type Members, operator, twoTenants } from './management.ts'

const LIST = 'query List { campaigns(first: 3) { nodes { id name version } } }'
const RENAME = 'mutation Rename($input: UpdateCampaignInput!) { updateCampaign(input: $input) { campaign { name } errors { message } } }'
const MONTH_END = 'program psql: month end'

let database: TestDatabase
let gateway: Gateway
let own: Members

/** Costs by cause: before the mutation, after its answer, after a read, after a write of another program, and after the last read. */
const stages: Json[] = []

beforeAll(async () => {
  database = await createDatabase({ seed: true })
  ;[own] = await twoTenants(database)
  gateway = await startGateway({ DATABASE_URL: database.url, MANAGEMENT_RATE_LIMIT: '0', WARMING: 'off' })
  await list()
  const [{ id, version }, ...others] = await list()
  stages.push(await costs())
  const variables = { input: { id, version, name: 'renamed' } }
  const { data } = await gateway.ask(RENAME, { principal: own.admin, variables })
  expect(data?.['updateCampaign']).toEqual({ campaign: { name: 'renamed' }, errors: [] })
  stages.push(await costs())
  await list()
  await list()
  stages.push(await costs())
  const ids = others.map(({ id: other }: Json) => Number(Buffer.from(other, 'base64').toString().split(':')[1]))
  expect(ids).toHaveLength(2)
  await database.query(
    `begin; set local tidegate.cause = '${MONTH_END}';
     update campaigns set updated_at = updated_at where tenant_id = '${own.tenant}' and id in (${ids}); commit`,
  )
  const applied = async () => (await read(`/invalidations?cause=${encodeURIComponent(MONTH_END)}`)).invalidations.length
  await vi.waitUntil(async () => (await applied()) === 1)
  stages.push(await costs())
  await list()
  stages.push(await costs())
})
afterAll(async () => {
  await gateway?.stop()
  await database?.drop()
})

async function read(path: string): Promise<Json> {
  const { status, body } = await call(gateway.url, 'GET', path, operator)
  expect([path, status]).toEqual([path, 200])
  return body
}

async function list(): Promise<Json> {
  return (await gateway.ask(LIST, { principal: own.admin })).data?.['campaigns'].nodes
}

/** Returns the costs without their durations, by cause. */
async function costs(): Promise<Json> {
  const { writes } = await read('/write-costs?window=15m')
  const parts = writes.map(({ cause, writes, tags, voidedEntries, waitingEntries, reloads, needlessReloads, answers }: Json) => [
    cause,
    { writes, tags, voidedEntries, waitingEntries, reloads, needlessReloads, answers },
  ])
  return Object.fromEntries(parts)
}

it('A write is charged with the entries that it voided and with the reloads that followed, and no other write is.', () => {
  const [first, written, reread, other, last] = stages
  expect(first).toEqual({})
  // The answer of the mutation has loaded the campaign again. The answer of the query waits for a reader.
  // The table of campaigns has three declarations, but a transaction is one write.
  const renamed = { writes: 1, tags: 6, voidedEntries: 2, reloads: 1, needlessReloads: 0 }
  expect(written).toEqual({ 'mutation updateCampaign': { ...renamed, waitingEntries: 1, answers: 0 } })
  const mutation = { ...renamed, waitingEntries: 0, answers: 1 }
  expect(reread).toEqual({ 'mutation updateCampaign': mutation })
  const monthEnd = { writes: 1, tags: other[MONTH_END].tags, voidedEntries: 3 }
  expect(other).toEqual({
    'mutation updateCampaign': mutation,
    [MONTH_END]: { ...monthEnd, waitingEntries: 3, reloads: 0, needlessReloads: 0, answers: 0 },
  })
  // The values are the same as before, so both reloads were needless.
  expect(last).toEqual({
    'mutation updateCampaign': mutation,
    [MONTH_END]: { ...monthEnd, waitingEntries: 0, reloads: 2, needlessReloads: 2, answers: 1 },
  })
})

it('The costs of all writes add up to the reloads of each field, and their time is part of the time of its loads.', async () => {
  const { writes } = await read('/write-costs?window=15m')
  const { fields } = await read('/query-stats?by=field&window=15m')
  const sumOf = (field: string, name: string) =>
    writes
      .flatMap((cost: Json) => cost.fields.filter((one: Json) => one.field === field))
      .reduce((sum: number, one: Json) => sum + one[name], 0)
  const [campaign, answer] = ['Campaign', 'Response'].map((name) => fields.find(({ field }: Json) => field === name))
  expect([campaign.reloads, campaign.needlessReloads]).toEqual([3, 2])
  expect([sumOf('Campaign', 'reloads'), sumOf('Campaign', 'needlessReloads')]).toEqual([3, 2])
  expect([sumOf('Response', 'answers'), sumOf('Response', 'loadMs')]).toEqual([answer.reloads, 0])
  expect(sumOf('Campaign', 'loadMs')).toBeGreaterThan(0)
  expect(sumOf('Campaign', 'loadMs')).toBeLessThanOrEqual(campaign.loadMs)
  for (const { loadMs, fields: its } of writes) expect(its.reduce((sum: number, one: Json) => sum + one.loadMs, 0)).toBeCloseTo(loadMs)
})

it('The report names the writes that cost most, one cause can be asked for, and a tenant cannot.', async () => {
  const all = (await read('/write-costs?window=15m')).writes
  expect((await read('/performance-report?window=15m')).writes).toEqual(all)
  const { writes, total } = await read(`/write-costs?window=15m&cause=${encodeURIComponent(MONTH_END)}`)
  expect([writes, total]).toEqual([all.filter(({ cause }: Json) => cause === MONTH_END), 1])
  const refused = await call(gateway.url, 'GET', `/write-costs?tenant=${own.tenant}`, operator)
  expect([refused.status, refused.code, refused.item]).toEqual([400, 'BAD_USER_INPUT', 'tenant'])
})
