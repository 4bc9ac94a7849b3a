import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { cp, readFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { createInterface } from 'node:readline'
import { promisify } from 'node:util'
import { Redis } from 'ioredis'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createDatabase, type TestDatabase } from '../servers/database.ts'
import { type RedisServer, startRedis } from '../servers/redis.ts'
import { type TemporaryFolder, temporaryFolder } from '../servers/temporary-folder.ts'
import { type Built, buildDockerfile, environmentOf } from './dockerfile.ts'

const root = join(import.meta.dirname, '../..')
const secrets = { JWT_SECRET: 'image-jwt-secret-of-enough-length-32', CACHE_SECRET: 'image-cache-secret-of-enough-length' }

let folder: TemporaryFolder
let image: Built
let database: TestDatabase
let redis: RedisServer

beforeAll(async () => {
  folder = await temporaryFolder('image')
  const ignored = (await readFile(join(root, '.dockerignore'), 'utf8')).split('\n').map((line) => basename(line))
  const context = join(folder.path, 'context')
  await cp(root, context, { recursive: true, filter: (path) => !ignored.includes(basename(path)) })
  image = await buildDockerfile(context, folder.path)
  database = await createDatabase({ seed: true })
  redis = await startRedis()
}, 600_000)

afterAll(async () => {
  await redis?.stop()
  await database?.drop()
  await folder?.remove()
})

/** Runs the command of the image. Resolves with its first output lines when the gateway is ready or has exited. */
async function startImage(env: Readonly<Record<string, string>>) {
  const [program = '', ...args] = image.command
  const child = spawn(program, args, { cwd: image.folder, env: { ...environmentOf(image), PORT: '0', HOST: '127.0.0.1', ...env } })
  const exited = once(child, 'close').then(([code]) => code as number | null)
  const lines: string[] = []
  createInterface({ input: child.stderr }).on('line', (line) => lines.push(line))
  const ready = new Promise<string>((resolve) => {
    createInterface({ input: child.stdout }).on('line', (line) => {
      const url = /"url":"([^"]+)".*"msg":"ready"/.exec(line)?.[1]
      if (url !== undefined) resolve(url)
    })
  })
  const url = await Promise.race([ready, exited.then(() => undefined)])
  return { url, lines, exited, stop: () => child.kill('SIGTERM') }
}

describe('The production image, built according to the Dockerfile,', () => {
  it('contains no development dependency.', () => {
    const absent = ['@electric-sql/pglite', '@graphql-yoga/render-graphiql', 'typescript', 'vitest', 'knip', 'node', 'playwright-core']
    expect(absent.filter((name) => existsSync(join(image.folder, 'node_modules', name)))).toEqual([])
    for (const name of ['fastify', 'pg', 'ioredis']) expect(existsSync(join(image.folder, 'node_modules', name))).toBe(true)
  })

  it('answers a query from PostgreSQL the first time and from its cache the second time, and has no GraphiQL page.', async () => {
    const started = await startImage({
      ...secrets,
      DATABASE_URL: database.url,
      REDIS_URL: redis.url,
      LANDING_PAGE: 'on',
      DRAIN_SECONDS: '0',
    })
    expect(started.lines).toEqual([])
    const ask = async () => {
      const body = JSON.stringify({ query: '{ tlds(kind: COUNTRY_CODE) { name } }' })
      const response = await fetch(`${started.url}/graphql`, { method: 'POST', headers: { 'content-type': 'application/json' }, body })
      const { data } = (await response.json()) as { readonly data: { readonly tlds: readonly unknown[] } }
      return { cache: response.headers.get('x-cache'), count: data.tlds.length }
    }
    const first = await ask()
    expect(first.count).toBeGreaterThan(100)
    expect(await ask()).toEqual({ cache: 'HIT', count: first.count })
    const client = new Redis(redis.url)
    await expect.poll(() => client.dbsize()).toBeGreaterThan(0)
    client.disconnect()

    expect((await fetch(`${started.url}/`, { headers: { accept: 'text/html' } })).status).toBe(200)
    const explorer = await fetch(`${started.url}/graphiql`)
    expect(explorer.status).toBe(404)
    expect(await explorer.text()).toContain('GraphiQL is not installed on this server.')

    started.stop()
    expect(await started.exited).toBe(0)
  })

  it('reports in one sentence that production requires DATABASE_URL.', async () => {
    const started = await startImage(secrets)
    expect(await started.exited).toBe(1)
    expect(started.lines).toEqual([expect.stringMatching(/^tidegate: DATABASE_URL: needed in production: set it/)])
  })

  it('reports in one sentence that it lacks the embedded database if NODE_ENV is changed.', async () => {
    const started = await startImage({ ...secrets, NODE_ENV: 'development', EMBEDDED_DIR: join(folder.path, 'database') })
    expect(await started.exited).toBe(1)
    expect(started.lines).toEqual([
      expect.stringMatching(
        /^tidegate: DATABASE_URL: not set, and the embedded database is not installed: .*npm install @electric-sql\/pglite\.$/,
      ),
    ])
  })

  it('contains the command tidegate, which checks the database and Redis of the container without a gateway.', async () => {
    const env = { ...environmentOf(image), ...secrets, DATABASE_URL: database.url, REDIS_URL: redis.url }
    const { stdout } = await promisify(execFile)('npx', ['--no-install', 'tidegate', 'doctor', '--json'], { cwd: image.folder, env })
    const { errors, findings } = JSON.parse(stdout) as { errors: number; findings: { check: string; message: string }[] }
    expect(errors).toBe(0)
    expect(findings).toContainEqual(
      expect.objectContaining({ check: 'postgres-schema', message: 'The schema is the one of this version.' }),
    )
  })

  it('limits the heap to the size that docs/operations.md states for the default configuration.', async () => {
    const print = 'process.stdout.write(String(require("node:v8").getHeapStatistics().heap_size_limit / 2 ** 20))'
    const limit = async (env: Readonly<Record<string, string>>) =>
      Number((await promisify(execFile)('node', ['-e', print], { env: environmentOf({ env }) })).stdout)
    const documented = /NODE_OPTIONS=--max-old-space-size=(\d+)/.exec(await readFile(join(root, 'docs/operations.md'), 'utf8'))?.[1]
    const { NODE_OPTIONS = '' } = image.env
    expect(NODE_OPTIONS).toBe(`--max-old-space-size=${documented}`)
    // Node also counts its young generation, which is at most 192 MiB.
    expect(await limit({ NODE_OPTIONS })).toBeLessThanOrEqual(Number(documented) + 192)
  })
})
