import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { type RedisServer, startRedis } from '../servers/redis.ts'

const run = promisify(execFile)
const root = join(import.meta.dirname, '../..')

/** The quick start of the engine's README: a read, a write, the read again. */
const withNothing = `
import { Cache, cacheKey, declareEntity, MemoryLog, rowTag } from 'tidegate/cache'

const Campaign = declareEntity({ type: 'Campaign', table: 'campaigns', tenantColumn: 'tenant_id', idColumn: 'id', dimensions: [], listed: [] })
const log = new MemoryLog()
const cache = new Cache({ log, entities: [Campaign], secrets: ['a secret of at least 32 characters…'] })
await cache.start()
const policy = { name: 'Campaign', l1Ms: 60_000, l2Ms: 900_000, staleWhileRevalidateMs: 0, staleIfErrorMs: 0 }
const request = { key: cacheKey('acme', 'Campaign', [42]), tags: [rowTag(Campaign, 'acme', 42)] }
let name = 'old'
const session = cache.openSession()
const read = (): Promise<string> => cache.get(request, policy, async () => ({ value: name }), { session })
const answers = [await read()]
name = 'new'
answers.push(await read())
await log.append([rowTag(Campaign, 'acme', 42)])
await cache.acknowledge(session)
answers.push(await read())
await cache.close()
process.stdout.write(JSON.stringify(answers))
`

const withServers = `
import { Cache, cacheKey, declareEntity, rowTag } from 'tidegate/cache'
import { installInvalidationLog, installWatches, openDatabase } from 'tidegate/postgres'
import { openRedis } from 'tidegate/redis'
import pg from 'pg'

const { DATABASE = '', REDIS = '' } = process.env
const Campaign = declareEntity({ type: 'Campaign', table: 'campaigns', tenantColumn: 'tenant_id', idColumn: 'id', dimensions: [], listed: [] })
const database = await openDatabase({ url: DATABASE, poolSize: 2, statementTimeoutMs: 5000, onError: () => undefined })
const client = new pg.Client({ connectionString: DATABASE })
await client.connect()
await client.query('create table campaigns (tenant_id text not null, id bigint primary key, name text not null)')
await installInvalidationLog(database)
await installWatches(database, [Campaign])
const redis = openRedis({ url: REDIS, commandTimeoutMs: 1000, prefix: 'package', onDown: () => undefined, onUp: () => undefined })
const log = database.openLog()
let loads = 0
const open = async () => {
  const cache = new Cache({ log, entities: [Campaign], secrets: ['a secret of at least 32 characters…'], remote: redis.remote, wakeUp: redis.wakeUp })
  await cache.start()
  return cache
}
const cache = await open()
const policy = { name: 'Campaign', l1Ms: 60_000, l2Ms: 900_000, staleWhileRevalidateMs: 0, staleIfErrorMs: 0 }
const request = { key: cacheKey('acme', 'Campaign', [42]), tags: [rowTag(Campaign, 'acme', 42)] }
const session = cache.openSession()
const write = async (name: string) => {
  await client.query("insert into campaigns values ('acme', 42, $1) on conflict (id) do update set name = $1", [name])
  return cache.acknowledge(session)
}
const load = async () => {
  loads++
  return { value: loads }
}
while (!redis.isReady()) await new Promise((resolve) => setTimeout(resolve, 10))
await write('old')
const first: number = await cache.get(request, policy, load, { session })
await new Promise((resolve) => setTimeout(resolve, 200))
const other = await open()
const fromRedis = await other.get(request, policy, load, { session: other.openSession() })
const token = await write('new')
const afterWrite = await other.get(request, policy, load, { session: other.openSession(token) })
process.stdout.write(JSON.stringify([first, fromRedis, afterWrite]))
await cache.close()
await other.close()
await log.close()
await client.end()
await redis.close()
await database.close()
`

let folder: string
let redis: RedisServer
const database = `tidegate_test_${process.pid}_package`

async function onServer(statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: inject('postgresUrl') })
  await client.connect()
  await client.query(statement)
  await client.end()
}

describe('the packed package in an empty project', () => {
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tidegate-package-'))
    await run('npm', ['run', 'build', '--', '--outDir', join(folder, 'dist')], { cwd: root })
    await run('npm', ['pack', '--pack-destination', folder, '--ignore-scripts'], { cwd: await staged() })
    const project = join(folder, 'project')
    await mkdir(project)
    await writeFile(join(project, 'package.json'), JSON.stringify({ name: 'empty', private: true, type: 'module' }))
    await run('npm', ['install', '--no-audit', '--no-fund', '--ignore-scripts', join(folder, 'tidegate-0.1.0.tgz')], { cwd: project })
    await writeFile(join(project, 'with-nothing.ts'), withNothing)
    await writeFile(join(project, 'with-servers.ts'), withServers)
    const compilerOptions = { strict: true, noEmit: true, target: 'esnext', module: 'nodenext', skipLibCheck: false, types: ['node'] }
    await writeFile(join(project, 'tsconfig.json'), JSON.stringify({ compilerOptions }))
    await mkdir(join(project, 'node_modules/@types'), { recursive: true })
    for (const types of ['node', 'pg'])
      await symlink(join(root, 'node_modules/@types', types), join(project, 'node_modules/@types', types)).catch(() => undefined)
    redis = await startRedis()
    await onServer(`create database ${database}`)
  }, 300_000)

  afterAll(async () => {
    await redis?.stop()
    await onServer(`drop database if exists ${database} with (force)`)
    await rm(folder, { recursive: true, force: true })
  })

  /** What is published, with what was just built. */
  async function staged(): Promise<string> {
    const stage = join(folder, 'stage')
    await mkdir(stage)
    for (const entry of ['package.json', 'README.md', 'schema', 'docs']) await run('cp', ['-r', join(root, entry), stage])
    await run('mv', [join(folder, 'dist'), stage])
    return stage
  }

  const runIn = async (file: string, env: NodeJS.ProcessEnv = {}) => {
    const { stdout } = await run(process.execPath, [file], { cwd: join(folder, 'project'), env: { ...process.env, ...env } })
    return JSON.parse(stdout) as unknown
  }

  it('serves reads with nothing but memory', async () => {
    expect(await runIn('with-nothing.ts')).toEqual(['old', 'old', 'new'])
  })

  it('serves reads with PostgreSQL and Redis, and sees writes through the triggers', async () => {
    const url = new URL(inject('postgresUrl'))
    url.pathname = `/${database}`
    expect(await runIn('with-servers.ts', { DATABASE: url.href, REDIS: redis.url })).toEqual([1, 1, 2])
  }, 60_000)

  it('brings its types', async () => {
    await run(join(root, 'node_modules/.bin/tsc'), ['-p', '.'], { cwd: join(folder, 'project') })
  }, 120_000)
})
