import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { copyFile, cp, mkdir, readFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { createInterface } from 'node:readline'
import { promisify } from 'node:util'
import { Redis } from 'ioredis'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { composeOf } from '../deploy/compose.ts'
import { documentsOf, readFiles, type Yaml } from '../deploy/deploy-files.ts'
import { environmentOf as environmentOfContainer, objectsOf } from '../deploy/kubernetes.ts'
import { createDatabase, type TestDatabase } from '../servers/database.ts'
import { freePort } from '../servers/free-port.ts'
import { type RedisServer, startRedis } from '../servers/redis.ts'
import { type TemporaryFolder, temporaryFolder } from '../servers/temporary-folder.ts'
import { type Built, buildDockerfile, environmentOf } from './dockerfile.ts'
import { startReadOnly } from './read-only-process.ts'

const root = join(import.meta.dirname, '../..')
const secrets = {
  JWT_SECRET: 'image-jwt-secret-of-enough-length-32',
  CACHE_SECRET: 'image-cache-secret-of-enough-length',
  CALLER_HASH_KEY: 'image-caller-hash-key-of-enough-length',
}

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
  return follow(spawn(program, args, { cwd: image.folder, env: { ...environmentOf(image), PORT: '0', HOST: '127.0.0.1', ...env } }))
}

/** Resolves with the address and the first output lines of a gateway when it is ready or has exited. */
async function follow(child: ChildProcess) {
  const exited = once(child, 'close').then(([code]) => code as number | null)
  const lines: string[] = []
  if (!child.stdout || !child.stderr) throw new Error('Expected a process whose output can be read.')
  createInterface({ input: child.stderr }).on('line', (line) => lines.push(line))
  const { stdout } = child
  const ready = new Promise<string>((resolve) => {
    createInterface({ input: stdout }).on('line', (line) => {
      const url = /"url":"([^"]+)".*"msg":"ready"/.exec(line)?.[1]
      if (url !== undefined) resolve(url)
    })
  })
  const url = await Promise.race([ready, exited.then(() => undefined)])
  return { url, lines, exited, child, stop: () => child.kill('SIGTERM') }
}

describe('The production image, built according to the Dockerfile,', () => {
  it('contains no development dependency.', () => {
    const absent = ['@electric-sql/pglite', 'graphiql', 'typescript', 'vitest', 'vite', 'react', 'knip', 'node', 'playwright-core']
    expect(absent.filter((name) => existsSync(join(image.folder, 'node_modules', name)))).toEqual([])
    for (const name of ['fastify', 'pg', 'ioredis']) expect(existsSync(join(image.folder, 'node_modules', name))).toBe(true)
  })

  it('answers a query from PostgreSQL the first time and from its cache the second time, and serves the explorer with LANDING_PAGE, without a token.', async () => {
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
    const explorer = await fetch(`${started.url}/explorer`)
    const page = await explorer.text()
    expect(explorer.status).toBe(200)
    expect(page).not.toContain('tidegate-token')
    const script = /src="\.\/(assets\/[^"]+\.js)"/.exec(page)?.[1]
    expect((await fetch(`${started.url}/explorer/${script}`)).status).toBe(200)

    started.stop()
    expect(await started.exited).toBe(0)
  })

  it('serves the dashboard where it serves the management API, and gives no token to anybody.', async () => {
    const started = await startImage({ ...secrets, DATABASE_URL: database.url, MANAGEMENT: 'on', DRAIN_SECONDS: '0' })
    const page = await (await fetch(`${started.url}/dashboard/operations`)).text()
    expect(page).not.toContain('tidegate-token')
    const script = /src="\.\/(assets\/[^"]+\.js)"/.exec(page)?.[1]
    const response = await fetch(`${started.url}/dashboard/${script}`, { headers: { 'accept-encoding': 'br' } })
    expect(response.headers.get('content-encoding')).toBe('br')
    expect(await response.text()).toContain('tidegate')
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

/** Variables of a deployment, whose addresses and ports are replaced by those of this test. */
async function adapted(env: Readonly<Record<string, string>>) {
  const ports = { PORT: String(await freePort()), METRICS_PORT: String(await freePort()), ADMIN_PORT: String(await freePort()) }
  return { ...env, ...secrets, ...ports, HOST: '127.0.0.1', DATABASE_URL: database.url, REDIS_URL: redis.url }
}

const statusOf = async (port: string, path: string) => (await fetch(`http://127.0.0.1:${port}${path}`)).status

describe('The production image, run as the Kubernetes manifests say,', () => {
  it('serves its probes, clients, metrics and the management API, as another user than root and without a file that it can write.', async () => {
    const files = readFiles('deploy/kubernetes/**')
    const { template } = objectsOf(files).find(({ kind }) => kind === 'Deployment').spec
    const [container] = template.spec.containers
    const env = await adapted(environmentOfContainer(files, container))
    // That user may not be able to read the folder of this Node.
    const programs = join(folder.path, 'bin')
    await mkdir(programs, { recursive: true })
    await copyFile(process.execPath, join(programs, 'node'))
    const PATH = `${programs}:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin`
    const started = await follow(
      startReadOnly({
        command: container.command ?? image.command,
        cwd: image.folder,
        env: { ...image.env, ...env, PATH },
        user: template.spec.securityContext.runAsUser,
      }),
    )
    expect(started.lines).toEqual([])

    const portOf: Readonly<Record<string, string>> = { http: env.PORT, metrics: env.METRICS_PORT, management: env.ADMIN_PORT }
    const probe = ({ httpGet }: Yaml) => statusOf(portOf[httpGet.port] ?? '', httpGet.path)
    const { startupProbe, livenessProbe, readinessProbe } = container
    expect(await Promise.all([startupProbe, livenessProbe, readinessProbe].map(probe))).toEqual([200, 200, 200])
    const [monitor] = documentsOf(files['deploy/kubernetes/monitoring/pod-monitor.yaml'] ?? '')
    const [endpoint] = monitor.spec.podMetricsEndpoints
    expect(await statusOf(portOf[endpoint.port] ?? '', endpoint.path)).toBe(200)
    expect([await statusOf(env.ADMIN_PORT, '/api/v1/cache/stats'), await statusOf(env.ADMIN_PORT, '/dashboard')]).toEqual([401, 200])
    const hidden = ['/metrics', '/api/v1/cache/stats', '/dashboard']
    expect(await Promise.all(hidden.map((path) => statusOf(env.PORT, path)))).toEqual(hidden.map(() => 404))
    expect(await askTlds(started.url)).toBe(200)

    // From the signal on the pod is not ready, and still serves until the cluster has taken it out.
    started.stop()
    await expect.poll(() => probe(readinessProbe)).toBe(503)
    expect(await askTlds(started.url)).toBe(200)
    started.child.kill('SIGKILL')
    await started.exited
    expect(started.lines).toEqual([])
  })

  it('is run in a file system in which no program can write.', async () => {
    const child = startReadOnly({ command: ['true'], cwd: '/proc', env: { PATH: '/usr/bin:/bin' }, user: 1000 })
    expect(await once(child, 'close')).toEqual([0, null])
    const writing = startReadOnly({ command: ['sh', '-c', 'echo > /tmp/written'], cwd: '/', env: { PATH: '/usr/bin:/bin' }, user: 1000 })
    expect((await once(writing, 'close'))[0]).not.toBe(0)
  })
})

describe('The health check of docker-compose.yml', () => {
  it('is part of the image, and reports a gateway that is ready and one that has ended.', async () => {
    const compose = composeOf(readFiles('docker-compose.yml'))
    const { environment, healthcheck } = compose.services['gateway-a']
    const [, program, ...args] = healthcheck.test as readonly string[]
    const env = await adapted(environment)
    const started = await startImage(env)
    expect(started.lines).toEqual([])
    const check = () =>
      promisify(execFile)(program ?? '', args, { cwd: image.folder, env: { ...environmentOf(image), ...env } }).then(
        ({ stdout }) => [0, stdout],
        ({ code, stdout }) => [code, stdout],
      )
    expect(await check()).toEqual([0, 'ready\n'])
    started.child.kill('SIGKILL')
    await started.exited
    expect(await check()).toEqual([1, 'not started: no process accepts connections\n'])
  })
})

async function askTlds(url: string | undefined): Promise<number> {
  const body = JSON.stringify({ query: '{ tlds(kind: COUNTRY_CODE) { name } }' })
  return (await fetch(`${url}/graphql`, { method: 'POST', headers: { 'content-type': 'application/json' }, body })).status
}
