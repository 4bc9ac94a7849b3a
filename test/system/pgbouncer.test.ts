import { sql } from 'kysely'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, inject, it, onTestFinished } from 'vitest'
import { PREPARED_STATEMENT } from '#src/engine/postgres/prepared-statement.ts'
import { openMarketDatabase } from '#src/market/tables/database.ts'
import { createLogger } from '#src/operations/telemetry/logger.ts'
import { migrateDatabase } from '#src/start/prepare-database.ts'
import { type Gateway, startGateway } from '../e2e/gateway.ts'
import { createDatabase, entities, type TestDatabase } from '../servers/database.ts'
import { failedStart } from './failed-start.ts'
import { type PgBouncer, startPgBouncer } from './pgbouncer.ts'

const BOUND_MS = 1000
const SETTINGS = ['statement_timeout', 'lock_timeout', 'DateStyle', 'TimeZone', 'search_path']
const CAMPAIGN = 'query Campaign($id: ID!) { campaign(id: $id) { name version } }'
const RENAME =
  'mutation Rename($input: UpdateCampaignInput!) { updateCampaign(input: $input) { campaign { name version } errors { message code } } }'

interface Setting {
  readonly name: string
  readonly value: string
}

describe('gateways behind PgBouncer in transaction mode, with fewer sessions than connections,', () => {
  let pooler: PgBouncer
  /** Direct connection of the test, which bypasses the pooler. */
  let database: TestDatabase
  let url: string
  const gateways: Gateway[] = []

  beforeAll(async () => {
    pooler = await startPgBouncer(inject('postgresUrl'))
    database = await createDatabase({ seed: true })
    url = pooler.urlOf(database.url)
    const env = { DATABASE_URL: url }
    gateways.push(...(await Promise.all([startGateway(env), startGateway(env)])))
  })

  afterAll(async () => {
    await Promise.all(gateways.map((gateway) => gateway.stop()))
    await pooler?.stop()
    await database?.drop()
  })

  /** Creates a database, and returns its URL through the pooler. */
  const addDatabase = async (suffix: string) => {
    const name = `${database.name}_${suffix}`
    await database.query(`create database ${name}`)
    onTestFinished(async () => void (await database.query(`drop database if exists ${name} with (force)`)))
    return { name, url: url.replace(database.name, name) }
  }
  const pair = () => gateways as [Gateway, Gateway]
  const campaignOn = async (gateway: Gateway, id: string, consistencyToken?: string) => {
    const { data, headers } = await gateway.ask(CAMPAIGN, {
      variables: { id },
      ...(consistencyToken === undefined ? {} : { consistencyToken }),
    })
    return { ...(data?.['campaign'] as { name: string; version: number }), cache: headers.get('x-cache') }
  }

  it('migrate an empty database when several of them start at the same time', async () => {
    const { url: empty } = await addDatabase('empty')
    const options = { url: empty, poolSize: 2, statementTimeoutMs: 30_000, onError: () => undefined }
    const handles = await Promise.all(Array.from({ length: 4 }, () => openMarketDatabase(options)))
    await Promise.all(handles.map((handle) => migrateDatabase(handle, createLogger('silent'))))
    const log = handles[0]?.openLog()
    expect(await log?.unwatched(entities)).toEqual([])
    await log?.close()
    await Promise.all(handles.map((handle) => handle.close()))
  })

  it('run statements that are marked as prepared on whichever session they get', async () => {
    const handle = await openMarketDatabase({ url, poolSize: 8, statementTimeoutMs: 30_000, onError: () => undefined })
    onTestFinished(() => handle.close())
    const read = async (value: number) =>
      (await sql<{ value: number }>`${sql.raw(PREPARED_STATEMENT)} select ${value}::int8 as value`.execute(handle.db)).rows[0]?.value
    const values = Array.from({ length: 40 }, (_, value) => value)
    expect(await Promise.all(values.map(read))).toEqual(values)
  })

  it('answer repeated queries from the cache', async () => {
    const [a, b] = pair()
    const { data } = await a.ask('{ campaigns(first: 1) { nodes { id } } }')
    const id = data?.['campaigns'].nodes[0].id
    for (const gateway of [a, b]) await expect.poll(async () => (await campaignOn(gateway, id)).cache).toBe('HIT')
  })

  it("read each other's writes immediately with the consistency token, and without the token within the staleness bound", async () => {
    const [a, b] = pair()
    const { data } = await a.ask('{ campaigns(first: 1) { nodes { id } } }')
    const id = data?.['campaigns'].nodes[0].id
    for (let round = 0; round < 10; round++) {
      const { version } = await campaignOn(a, id)
      await campaignOn(b, id)
      const renamed = `round ${round}`
      const { data: written, token } = await a.ask(RENAME, { variables: { input: { id, version, name: renamed } } })
      expect(written?.['updateCampaign']).toEqual({ campaign: { name: renamed, version: version + 1 }, errors: [] })
      if (round % 2 === 0) expect((await campaignOn(b, id, token ?? '')).name).toBe(renamed)
      const writtenAt = performance.now()
      for (;;) {
        const sentAt = performance.now()
        const read = await campaignOn(b, id)
        if (read.name === renamed) break
        expect(sentAt - writtenAt, `a read gave ${read.name}`).toBeLessThan(BOUND_MS)
      }
    }
  })

  it('return no error and no wrong value for many concurrent reads and writes', async () => {
    const [a, b] = pair()
    const { data } = await a.ask('{ campaigns(first: 8, filter: { status: ACTIVE }) { nodes { id } } }')
    const campaigns: { id: string }[] = data?.['campaigns'].nodes
    const outcomes = await Promise.all(
      campaigns.map(async ({ id }, index) => {
        const gateway = index % 2 === 0 ? a : b
        const names: string[] = []
        for (let round = 0; round < 10; round++) {
          const { version } = await campaignOn(gateway, id)
          const { token, data } = await gateway.ask(RENAME, { variables: { input: { id, version, name: `${index} ${round}` } } })
          const { name: read } = await campaignOn(index % 2 === 0 ? b : a, id, token ?? '')
          names.push([read, ...(data?.['updateCampaign'].errors ?? ['no answer'])].join())
        }
        return names
      }),
    )
    expect(outcomes).toEqual(campaigns.map((_, index) => Array.from({ length: 10 }, (_, round) => `${index} ${round}`)))
  })

  it('leave no setting in a session, because other clients of the pooler would inherit it', async () => {
    const client = new pg.Client({ connectionString: url })
    await client.connect()
    onTestFinished(() => client.end())
    const { rows: own } = await client.query<Setting>('select name, reset_val as value from pg_settings where name = any($1)', [SETTINGS])
    // The pooler hands out its sessions in turn, so ten attempts reach all of them.
    for (let session = 0; session < 10; session++) {
      const { rows } = await client.query<Setting>('select name, setting as value from pg_settings where name = any($1)', [SETTINGS])
      expect(rows).toEqual(own)
    }
  })

  it('refuse to start if sessions begin with settings that cause wrong results, and report the SQL statement that corrects the settings', async () => {
    const { name, url: wrong } = await addDatabase('wrong')
    await database.query(`alter database ${name} set DateStyle = 'SQL, DMY'`)
    const { code, lines } = await failedStart({ DATABASE_URL: wrong })
    expect(code).toBe(1)
    expect(lines).toEqual([
      expect.stringMatching(
        /^tidegate: DATABASE_URL: sessions behind this pooler start with DateStyle = 'SQL, DMY'.*: run ALTER ROLE … SET DateStyle = 'ISO, MDY'/,
      ),
    ])
  })
})
