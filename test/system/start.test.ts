import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { admin, type Started, start, tokenFor } from '../e2e/gateway.ts'
import { createDatabase, type TestDatabase } from '../servers/database.ts'
import { isAlive } from '../servers/processes.ts'
import { failedStart } from './failed-start.ts'

/** Time to the first answer that a machine under load must keep, too. The task of a quiet machine is a minute. */
const WITHIN_MS = 180_000
/** Environment that sets only the folder of the embedded database: no database URL, no Redis, no secrets. */
const nothing = (folder: string) => ({ EMBEDDED_DIR: join(folder, 'database'), JWT_SECRET: '', CACHE_SECRET: '', CALLER_HASH_KEY: '' })

const running: Started[] = []
let folder: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tidegate-start-'))
})

afterEach(async () => {
  await Promise.all(running.splice(0).map(stop))
})

afterAll(() => rm(folder, { recursive: true, force: true }))

async function run(env: Readonly<Record<string, string>>, args: readonly string[] = []): Promise<Started> {
  const started = await start(env, args)
  running.push(started)
  return started
}

async function stop(started: Started): Promise<number | null> {
  started.process.kill('SIGTERM')
  return started.exited
}

interface FirstQuery {
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/** Returns the request of the curl command that the gateway printed. */
async function printedQuery({ output }: Started): Promise<FirstQuery> {
  const command = () => /^curl -i (\S+)((?:-H '[^']+'|\\\n| )+)-d '([^']+)'$/m.exec(output.join('\n'))
  await expect.poll(command, { message: 'a curl command is printed' }).not.toBeNull()
  const [, url = '', options = '', body = ''] = command() ?? []
  return { url, headers: Object.fromEntries([...options.matchAll(/-H '([^:]+): ([^']+)'/g)].map(([, name, value]) => [name, value])), body }
}

function printedToken({ output }: Started, role: string): string {
  return new RegExp(`^ +${role} +(eyJ\\S+)$`, 'm').exec(output.join('\n'))?.[1] ?? expect.unreachable(`no token of ${role} is printed`)
}

async function send({ url, headers, body }: FirstQuery) {
  const response = await fetch(url, { method: 'POST', headers: { ...headers, 'x-cache-debug': '1' }, body })
  // biome-ignore lint/suspicious/noExplicitAny: an answer has the shape of its query
  const { data, extensions } = (await response.json()) as Record<string, any>
  return { status: response.status, cache: response.headers.get('x-cache'), data, loaded: extensions?.cache.counts.origin as number }
}

describe('npm start without any configuration', () => {
  it('prints commands that return rows, that are answered from the cache the second time, and that return new rows after a write', async () => {
    const begun = performance.now()
    const started = await run(nothing(folder))
    const url = await started.ready
    expect(performance.now() - begun).toBeLessThan(WITHIN_MS)

    const query = await printedQuery(started)
    const text = started.output.join('\n')
    const pages = ['/explorer', '/dashboard', '/healthz', '/readyz', '/metrics']
    for (const path of ['/graphql', ...pages]) expect(text).toMatch(new RegExp(`${url}${path}(\\s|$)`, 'm'))
    for (const path of ['/', ...pages]) expect([path, (await fetch(`${url}${path}`)).status]).toEqual([path, 200])
    for (const role of ['VIEWER', 'EDITOR', 'ADMIN']) printedToken(started, role)

    const first = await send(query)
    expect(first).toMatchObject({ status: 200, cache: 'MISS' })
    expect(first.loaded).toBeGreaterThan(0)
    expect(first.data.campaigns.nodes).toHaveLength(3)
    expect(first.data.campaigns.nodes[0]).toMatchObject({ name: expect.any(String), owner: { name: expect.any(String) } })
    expect(await send(query)).toEqual({ status: 200, cache: 'HIT', data: first.data, loaded: 0 })

    const asEditor = { ...query, headers: { ...query.headers, authorization: `Bearer ${printedToken(started, 'EDITOR')}` } }
    const ask = (text: string) => send({ ...asEditor, body: JSON.stringify({ query: text }) })
    const { data } = await ask('{ campaigns(first: 1) { nodes { id version } } }')
    const [{ id, version }] = data.campaigns.nodes
    const renamed = await ask(
      `mutation { updateCampaign(input: { id: "${id}", version: ${version}, name: "renamed by hand" }) { errors { message } } }`,
    )
    expect(renamed.data.updateCampaign.errors).toEqual([])
    const third = await send(query)
    expect(third.cache).toBe('MISS')
    expect(third.data.campaigns.nodes[0].name).toBe('renamed by hand')
    expect(third.data.campaigns.nodes.slice(1)).toEqual(first.data.campaigns.nodes.slice(1))

    // A second process on the same folder would corrupt the database, so it must refuse to start.
    const second = await failedStart(nothing(folder))
    expect(second).toEqual({ code: 1, lines: [expect.stringMatching(/^tidegate: EMBEDDED_DIR: .*another folder\.$/)] })

    // Rows and access tokens outlive the process.
    expect(await stop(started)).toBe(0)
    const again = await run(nothing(folder))
    const kept = await send({ ...query, url: `${await again.ready}/graphql` })
    expect(kept.data).toEqual(third.data)
  }, 300_000)
})

describe('the processes of a gateway with several workers', () => {
  let database: TestDatabase

  beforeAll(async () => {
    database = await createDatabase({ seed: true })
  })

  afterAll(() => database?.drop())

  it('share one port, are replaced if they are killed, and all exit with 0 after SIGTERM', async () => {
    const started = await run({ DATABASE_URL: database.url, WORKERS: '2' })
    const url = await started.ready
    const ready = () =>
      started.output.flatMap((line) => {
        const entry: { msg?: string; pid?: number; url?: string } = line.startsWith('{') ? JSON.parse(line) : {}
        return entry.msg === 'ready' ? [entry] : []
      })
    const pids = () => ready().map(({ pid }) => pid ?? 0)
    const answers = async () => {
      const statuses = await Promise.all(Array.from({ length: 10 }, async () => (await fetch(`${url}/readyz`)).status))
      return [...new Set(statuses)]
    }
    await expect.poll(() => pids().length, { timeout: 20_000 }).toBe(2)
    expect(new Set(ready().map((entry) => entry.url))).toEqual(new Set([url]))
    expect(new Set([started.process.pid, ...pids()]).size).toBe(3)
    expect(await answers()).toEqual([200])

    // Clients cannot distinguish the workers behind one port, so a write that one worker acknowledged must be visible
    // through all of them, even without a token.
    const asEditor = { authorization: `Bearer ${await tokenFor({ ...admin, role: 'EDITOR' })}`, 'content-type': 'application/json' }
    const ask = async (query: string) => {
      const response = await fetch(`${url}/graphql`, {
        method: 'POST',
        headers: { ...asEditor, connection: 'close' },
        body: JSON.stringify({ query }),
      })
      // biome-ignore lint/suspicious/noExplicitAny: an answer has the shape of its query
      return ((await response.json()) as Record<string, any>)['data']
    }
    const [{ id }] = (await ask('{ campaigns(first: 1) { nodes { id } } }')).campaigns.nodes
    for (let round = 0; round < 10; round++) {
      const { version } = (await ask(`{ campaign(id: "${id}") { version } }`)).campaign
      const name = `renamed ${round}`
      await ask(`mutation { updateCampaign(input: { id: "${id}", version: ${version}, name: "${name}" }) { errors { message } } }`)
      const names = await Promise.all(
        Array.from({ length: 6 }, async () => (await ask(`{ campaign(id: "${id}") { name } }`)).campaign.name),
      )
      expect(new Set(names)).toEqual(new Set([name]))
    }

    const [killed = 0] = pids()
    process.kill(killed, 'SIGKILL')
    await expect.poll(() => new Set(pids()).size, { timeout: 20_000 }).toBe(3)
    // The client's pool may still contain a connection to the killed worker.
    await expect.poll(() => answers().catch(() => []), { timeout: 10_000 }).toEqual([200])

    expect(await stop(started)).toBe(0)
    expect(pids().filter(isAlive)).toEqual([])
  }, 60_000)

  it('exit with 0 even if they are stopped before they serve requests', async () => {
    const started = await run({ DATABASE_URL: database.url, WORKERS: '2' })
    await expect.poll(() => started.output.length, { timeout: 20_000 }).toBeGreaterThan(0)
    expect(started.output.join()).not.toContain('"msg":"ready"')
    expect(await stop(started)).toBe(0)
  })
})
