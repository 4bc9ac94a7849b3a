import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { promisify } from 'node:util'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { type Gateway, startGateway } from '../e2e/gateway.ts'
import { type Link, startLink } from '../faults/link.ts'
import { makeTemplate, seedMarket } from '../servers/database.ts'
import { type OwnPostgres, startPostgres } from '../servers/postgres.ts'
import { type RedisServer, startRedis } from '../servers/redis.ts'
import { temporaryFolder } from '../servers/temporary-folder.ts'
import { requiredProgram } from './required-program.ts'

const run = promisify(execFile)
const RENAME = 'mutation ($input: UpdateCampaignInput!) { updateCampaign(input: $input) { campaign { name } errors { code } } }'
const BOUND_MS = 1000

let redis: RedisServer

beforeAll(async () => {
  redis = await startRedis()
})
afterAll(() => redis?.stop())

interface Ground {
  readonly server: OwnPostgres
  /** Link between the gateways and their database. */
  readonly address: Link
  readonly gateways: readonly [Gateway, Gateway, Gateway]
  query(statement: string, parameters?: readonly unknown[]): Promise<Record<string, unknown>[]>
}

/** Starts three gateways on one Redis and on a PostgreSQL server with sample data. */
async function prepare(): Promise<Ground> {
  const server = await startPostgres()
  onTestFinished(() => server.stop())
  await makeTemplate(server.url, 'market')
  await seedMarket(server.url, 'market')
  const address = await startLink(server.port)
  onTestFinished(() => address.close())
  const env = { DATABASE_URL: urlOf(address.port), REDIS_URL: redis.url }
  const gateways = await Promise.all([startGateway(env), startGateway(env), startGateway(env)])
  onTestFinished(async () => {
    for (const gateway of gateways) gateway.process.kill('SIGCONT')
    await Promise.all(gateways.map((gateway) => gateway.stop('SIGKILL')))
  })
  return { server, address, gateways, query: (statement, parameters) => queryAt(address.target, statement, parameters) }
}

function urlOf(port: number): string {
  return `postgres://postgres@127.0.0.1:${port}/market`
}

/** Runs a statement on a new connection, because servers are stopped and started during the test. */
async function queryAt(port: number, statement: string, parameters: readonly unknown[] = []): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: urlOf(port) })
  client.on('error', () => undefined)
  await client.connect()
  try {
    return (await client.query(statement, [...parameters])).rows
  } finally {
    await client.end()
  }
}

async function campaignsOf(gateway: Gateway): Promise<readonly { id: string; name: string; version: number }[]> {
  const { data } = await gateway.ask('{ campaigns(first: 20) { nodes { id name version } } }')
  return data?.['campaigns'].nodes
}

async function nameOn(gateway: Gateway, id: string, consistencyToken?: string): Promise<string> {
  const answer = await gateway.ask(`{ campaign(id: "${id}") { name } }`, consistencyToken === undefined ? {} : { consistencyToken })
  return answer.data?.['campaign']?.name ?? JSON.stringify(answer.errors)
}

/** Returns the name that each gateway reads after the staleness bound, when the database can be reached. */
async function namesAfterTheBound(ground: Ground, id: string): Promise<readonly string[]> {
  await pause(BOUND_MS + 100)
  for (const gateway of ground.gateways)
    for (let attempt = 0; attempt < 100 && (await nameOn(gateway, id)).startsWith('['); attempt++) await pause(100)
  return Promise.all(ground.gateways.map((gateway) => nameOn(gateway, id)))
}

/** Writes until the log is longer than the lost log, so that row numbers alone cannot reveal the restore. */
async function outgrow(ground: Ground, head: number): Promise<void> {
  for (;;) {
    await ground.query('update campaigns set updated_at = now() where id = (select max(id) from campaigns)')
    await ground.query('select cache.publish()')
    if ((await headOf(ground)) > head + 5) return
  }
}

async function headOf(ground: Ground): Promise<number> {
  return Number((await ground.query('select max(seq) as head from cache.log'))[0]?.['head'])
}

/** Makes a backup. The returned function restores it. */
type BackUp = (ground: Ground) => Promise<() => Promise<void>>

async function dump(): Promise<{
  write(url: string): Promise<unknown>
  restore(url: string, options?: readonly string[]): Promise<unknown>
}> {
  const folder = await temporaryFolder('dump')
  onTestFinished(() => folder.remove())
  const file = join(folder.path, 'market.dump')
  return {
    write: (url) => run(requiredProgram('pg_dump'), ['--format=custom', `--file=${file}`, url]),
    restore: (url, options = []) => run(requiredProgram('pg_restore'), [...options, `--dbname=${url}`, file]),
  }
}

const backUps: Readonly<Record<string, BackUp>> = {
  'a dump is restored in place': async ({ server }) => {
    const { write, restore } = await dump()
    await write(urlOf(server.port))
    return async () => void (await restore(urlOf(server.port), ['--clean', '--if-exists']))
  },
  'a dump is restored into a new database of the same name': async ({ server }) => {
    const { write, restore } = await dump()
    await write(urlOf(server.port))
    return async () => {
      const client = new pg.Client({ connectionString: server.url })
      await client.connect()
      await client.query('drop database market with (force)')
      await client.query('create database market')
      await client.end()
      await restore(urlOf(server.port))
    }
  },
  'a base backup is started in place of the primary': async ({ server, address }) => {
    const copy = await server.copy()
    onTestFinished(() => copy.stop())
    return async () => {
      await server.halt('SIGKILL')
      await copy.start()
      address.target = copy.port
      address.cut()
    }
  },
  'a standby that has missed writes is promoted': async ({ server, address }) => {
    const replication = await startLink(server.port)
    onTestFinished(() => replication.close())
    const standby = await server.startStandby(replication.port)
    onTestFinished(() => standby.stop())
    replication.mode = 'refuse'
    replication.cut()
    return async () => {
      await server.halt('SIGKILL')
      await standby.promote()
      address.target = standby.port
      address.cut()
    }
  },
}

/** The others take minutes more: `npm run test:thorough -- restores`. The faults of `npm run test:faults` contain all of them, in one process. */
const USUAL = ['a dump is restored in place', 'a standby that has missed writes is promoted']
const chosen = process.env['RESTORES_ALL'] === '1' ? Object.keys(backUps) : USUAL

describe('three gateways, one of which is suspended during a restore or a failover,', () => {
  it.each(chosen)('return the current content of the database after %s', async (name) => {
    const ground = await prepare()
    const [first, second, third] = ground.gateways
    const campaign = (await campaignsOf(first))[0]
    if (!campaign) throw new Error('The sample data have a campaign.')
    const { id, version } = campaign
    const setBack = await (backUps[name] as BackUp)(ground)

    const written = await first.ask(RENAME, { variables: { input: { id, version, name: 'Lost' } } })
    expect(written.data?.['updateCampaign']).toEqual({ campaign: { name: 'Lost' }, errors: [] })
    const token = written.token ?? ''
    for (const gateway of ground.gateways) expect(await nameOn(gateway, id, token)).toBe('Lost')
    const head = await headOf(ground)
    third.process.kill('SIGSTOP')

    await setBack()
    await outgrow(ground, head)
    third.process.kill('SIGCONT')
    expect(await namesAfterTheBound(ground, id)).toEqual(Array(3).fill(campaign.name))
    // A token of a lost timeline may cost a log sync, but must not cause an error.
    expect(await nameOn(second, id, token)).toBe(campaign.name)
  })
})
