import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { createDatabase, type TestDatabase } from '../servers/database.ts'
import { type Started, start } from './gateway.ts'

const WITHIN_MS = 30_000
/** Nothing but a folder: no database, no Redis, no secrets. */
const nothing = (folder: string) => ({ EMBEDDED_DIR: join(folder, 'database'), JWT_SECRET: '', CACHE_SECRET: '' })

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

/** The curl command that was printed, as the request it sends. */
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

describe('from nothing', () => {
  it('starts within 30 seconds, and what it prints leads to rows, from the cache the second time, and new after a write', async () => {
    const begun = performance.now()
    const started = await run(nothing(folder))
    const url = await started.ready
    expect(performance.now() - begun).toBeLessThan(WITHIN_MS)

    const query = await printedQuery(started)
    const text = started.output.join('\n')
    for (const path of ['/graphql', '/', '/healthz', '/readyz', '/metrics']) expect(text).toMatch(new RegExp(`${url}${path}(\\s|$)`, 'm'))
    for (const path of ['/', '/healthz', '/readyz', '/metrics']) expect((await fetch(`${url}${path}`)).status).toBe(200)
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

    // A second process on the same folder would destroy it.
    const second = await failure(nothing(folder))
    expect(second).toEqual({ code: 1, lines: [expect.stringMatching(/^tidegate: EMBEDDED_DIR: .*another folder\.$/)] })

    // What was written, and the tokens, outlive the process.
    expect(await stop(started)).toBe(0)
    const again = await run(nothing(folder))
    const kept = await send({ ...query, url: `${await again.ready}/graphql` })
    expect(kept.data).toEqual(third.data)
  }, 120_000)

  it('with --memory it leaves no database behind', async () => {
    const env = { ...nothing(join(folder, 'memory')) }
    const started = await run(env, ['--memory'])
    await started.ready
    expect(await send(await printedQuery(started))).toMatchObject({ status: 200, cache: 'MISS' })
    expect(await stop(started)).toBe(0)
    expect(existsSync(env.EMBEDDED_DIR)).toBe(false)
  }, 60_000)
})

/** Starts what cannot start. `lines`: what it printed on standard error. */
async function failure(env: Readonly<Record<string, string>>, args: readonly string[] = []) {
  const started = await run(env, args)
  const lines: string[] = []
  const { stderr } = started.process
  stderr?.setEncoding('utf8').on('data', (text: string) => lines.push(...text.split('\n').filter(Boolean)))
  const { promise: closed, resolve } = Promise.withResolvers<void>()
  started.process.once('close', () => resolve())
  const code = await started.exited
  await closed
  return { code, lines }
}

describe('with a database', () => {
  let database: TestDatabase

  beforeAll(async () => {
    database = await createDatabase({ seed: true })
  })

  afterAll(() => database?.drop())

  describe('what keeps it from starting is told in one line, with the variable and the remedy', () => {
    const production = { NODE_ENV: 'production', JWT_SECRET: '', CACHE_SECRET: '' }

    it.each<[string, () => Readonly<Record<string, string>>, RegExp[]]>([
      ['a PORT that is none', () => ({ PORT: 'http' }), [/^PORT: expected a port .* got "http"\.$/]],
      [
        'a database that does not answer',
        () => ({ DATABASE_URL: 'postgres://me:hunter2@127.0.0.1:1/tidegate' }),
        [/^DATABASE_URL: .*127\.0\.0\.1:1 .*ECONNREFUSED.*: start it, or correct the address\.$/],
      ],
      [
        'a database that does not exist',
        () => ({ DATABASE_URL: database.url.replace(database.name, 'no_such_database') }),
        [/^DATABASE_URL: .*"no_such_database" does not exist.*: start it, or correct the address\.$/],
      ],
      [
        'an address of a database that is none',
        () => ({ DATABASE_URL: 'postgres://me:hunter2@127.0.0.1:port/tidegate' }),
        [/^DATABASE_URL: .*correct the address\.$/],
      ],
      ['several processes without a database to share', () => ({ WORKERS: '2' }), [/^WORKERS: .*set DATABASE_URL, or WORKERS=1\.$/]],
      [
        'an address of Redis of another kind',
        () => ({ REDIS_URL: 'http://:hunter2@127.0.0.1' }),
        [/^REDIS_URL: expected redis:\/\/host:port/],
      ],
      [
        'an address of Redis that is none',
        () => ({ REDIS_URL: 'redis://:hunter2@127.0.0.1:port', DATABASE_URL: database.url }),
        [/^REDIS_URL .*must look like redis:\/\/host:port/],
      ],
      ['CACHE_POLICIES that are not JSON', () => ({ CACHE_POLICIES: '{"Campaign"' }), [/^CACHE_POLICIES: expected JSON such as \{/]],
      [
        'a cache policy of what has none',
        () => ({ CACHE_POLICIES: '{"Campain": {"l1": 30}}', DATABASE_URL: database.url }),
        [/^CACHE_POLICIES: the override "Campain" names nothing .* It may name: .*Campaign,/],
      ],
      [
        'a cache policy with a word it does not know',
        () => ({ CACHE_POLICIES: '{"Campaign": {"ttl": 30}}', DATABASE_URL: database.url }),
        [/^CACHE_POLICIES: the override of Campaign .*"ttl": expected l1, l2/],
      ],
      [
        'a cache policy that is out of bounds',
        () => ({ CACHE_POLICIES: '{"Campaign": {"l1": -1}}', DATABASE_URL: database.url }),
        [/^CACHE_POLICIES: Campaign: .*l1.* must be .* got -1\.$/],
      ],
      [
        'production with nothing given',
        () => production,
        [
          /^CACHE_SECRET: needed in production: set it/,
          /^JWT_SECRET: needed in production .*: set the one/,
          /^DATABASE_URL: needed in production: set it/,
        ],
      ],
      ['a secret that is too short', () => ({ CACHE_SECRET: 'hunter2' }), [/^CACHE_SECRET: expected at least 32 characters\.$/]],
    ])('%s', async (_, env, expected) => {
      const { code, lines } = await failure(env())
      expect(lines).toEqual(expected.map((pattern) => expect.stringMatching(new RegExp(pattern.source.replace('^', '^tidegate: ')))))
      expect(lines.join('\n')).not.toContain('hunter2')
      expect(code).toBe(1)
    })

    it('an option that does not exist', async () => {
      const { code, lines } = await failure({}, ['--memroy'])
      expect(lines).toEqual([expect.stringMatching(/^tidegate: .*--memroy.*--memory/)])
      expect(code).toBe(1)
    })

    it('a port that is in use', async () => {
      const { port } = new URL(await (await run({ DATABASE_URL: database.url })).ready)
      const { code, lines } = await failure({ DATABASE_URL: database.url, PORT: port })
      expect(lines).toEqual([expect.stringMatching(new RegExp(`^tidegate: .*in use.*:${port}.*set PORT to another one\\.$`))])
      expect(code).toBe(1)
    })
  })

  it('several processes share one port; one that is killed is replaced; SIGTERM ends them all with 0', async () => {
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

    const [killed = 0] = pids()
    process.kill(killed, 'SIGKILL')
    await expect.poll(() => new Set(pids()).size, { timeout: 20_000 }).toBe(3)
    expect(await answers()).toEqual([200])

    expect(await stop(started)).toBe(0)
    expect(pids().filter(isAlive)).toEqual([])
  }, 60_000)
})

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}
