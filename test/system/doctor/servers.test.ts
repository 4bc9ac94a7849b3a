import { Redis } from 'ioredis'
import pg from 'pg'
import { describe, expect, inject, it, onTestFinished } from 'vitest'
import { systemEnv } from '#src/engine/cache/model/env.ts'
import { inspectServer } from '#src/engine/postgres/inspect-server.ts'
import { judgeSettings } from '#src/operations/doctor/server-settings.ts'
import { examine } from '#src/start/examine.ts'
import { freePort } from '../../servers/free-port.ts'
import { startPostgres } from '../../servers/postgres.ts'
import { startRedisCluster } from '../../servers/redis-cluster.ts'
import { runRedis } from '../../servers/redis-processes.ts'
import { failedStart } from '../failed-start.ts'
import { type PgBouncerOptions, startPgBouncer } from '../pgbouncer.ts'
import { startRewritingProxy } from './rewriting-proxy.ts'
import { createScratchRole } from './scratch-role.ts'

/** A clock with which every answer takes no time, however slow the machine is. */
const instantClock = { ...systemEnv, monotonic: () => 0 }

interface Target {
  readonly database?: string
  readonly redis?: string
  readonly clock?: Pick<typeof systemEnv, 'now' | 'monotonic' | 'setTimer'>
  readonly env?: Readonly<Record<string, string>>
}

/** Returns level, check, message and remedy of the findings that are not `ok`. */
async function problemsOf({ database, redis, clock = instantClock, env = {} }: Target) {
  const findings = await examine({ database, redis }, env, clock)
  return findings.filter(({ level }) => level !== 'ok').map(({ level, check, message, remedy }) => [level, check, message, remedy])
}

async function pooled(options: PgBouncerOptions) {
  const pooler = await startPgBouncer(inject('postgresUrl'), options)
  onTestFinished(() => pooler.stop())
  const role = await createScratchRole('superuser login')
  return { role, url: pooler.urlOf(inject('postgresUrl').replace(/\/[^/]*$/, `/${role.database}`)) }
}

/** Makes the pooler open its sessions: it opens one only for a transaction that finds no free one. */
async function openSessions(url: string, sessions: number): Promise<void> {
  const clients = Array.from({ length: sessions }, () => new pg.Client({ connectionString: url }))
  for (const client of clients) {
    await client.connect()
    await client.query('begin')
  }
  for (const client of clients) {
    await client.query('rollback')
    await client.end()
  }
}

describe('tidegate doctor, behind PgBouncer', () => {
  it('in statement mode, reports an error, and the gateway does not start', async () => {
    const { url } = await pooled({ mode: 'statement' })
    expect(await problemsOf({ database: url })).toEqual([
      [
        'error',
        'postgres-pooler',
        'A pooler in statement mode is between the gateway and the server, and the gateway uses transactions.',
        'Set pool_mode = transaction (PgBouncer) for this database, or connect to the server directly.',
      ],
    ])
    expect((await failedStart({ DATABASE_URL: url })).code).toBe(1)
  })

  it.each([
    ['whose sessions take turns', { takesTurns: true, sessions: 2 }],
    ['that gives out the session that became free last', { takesTurns: false, sessions: 2 }],
    ['with one session', { takesTurns: false, sessions: 1 }],
  ])('in transaction mode, %s, warns that sessions have no statement timeout, until the role has one', async (_, options) => {
    const { url, role } = await pooled({ mode: 'transaction', ...options })
    await openSessions(url, options.sessions)
    const problems = await problemsOf({ database: url })
    expect(problems).toEqual([
      [
        'warning',
        'postgres-pooler',
        'A pooler in transaction mode is in between: the gateway works, but can set no statement timeout in its sessions.',
        `Run: ALTER ROLE "postgres" SET statement_timeout = '10000ms'; then reconnect the pooler.`,
      ],
    ])
    await role.query(`alter database ${role.database} set statement_timeout = '10s'`)
    const second = await startPgBouncer(inject('postgresUrl'), { mode: 'transaction', ...options })
    onTestFinished(() => second.stop())
    expect(await problemsOf({ database: second.urlOf(url) })).toEqual([])
  })

  it('in session mode, finds nothing wrong', async () => {
    const { url } = await pooled({ mode: 'session' })
    expect(await problemsOf({ database: url })).toEqual([])
  })

  it('reports the defaults of sessions that the gateway refuses, and the start names the same ones', async () => {
    const { url, role } = await pooled({ mode: 'transaction' })
    await role.query(`alter database ${role.database} set statement_timeout = '10s'`)
    await role.query(`alter database ${role.database} set default_transaction_isolation = 'serializable'`)
    expect(await problemsOf({ database: url })).toEqual([
      [
        'error',
        'postgres-session-setting',
        `Sessions behind the pooler start with default_transaction_isolation = 'serializable', which the gateway cannot change through a pooler.`,
        `Run: ALTER ROLE "postgres" SET default_transaction_isolation = 'read committed'; then reconnect the pooler.`,
      ],
    ])
    const { lines } = await failedStart({ DATABASE_URL: url })
    expect(lines.join()).toContain(`default_transaction_isolation = 'serializable'`)
  })
})

describe('tidegate doctor, for a PostgreSQL server', () => {
  it('of version 13, reports that it is too old, and executes no further statement', async () => {
    const proxy = await startRewritingProxy(Number(new URL(inject('postgresUrl')).port || 5432), { 150020: '130020', '15.20': '13.20' })
    onTestFinished(() => proxy.stop())
    const url = new URL(inject('postgresUrl'))
    url.port = String(proxy.port)
    const client = new pg.Client({ connectionString: inject('postgresUrl') })
    await client.connect()
    onTestFinished(() => client.end())
    const { rows } = await client.query("select current_setting('server_version_num') as number")
    expect(rows[0].number, 'The proxy replaces this version.').toBe('150020')
    expect(await problemsOf({ database: url.href })).toEqual([
      [
        'error',
        'postgres-version',
        expect.stringMatching(/^PostgreSQL 13\.20.* is too old: expected version 15 or newer\.$/),
        'Upgrade the server (pg_upgrade), or set DATABASE_URL to a newer one.',
      ],
    ])
  })

  it('that is a standby, reports an error; for its primary it finds nothing but fsync, and assigns no transaction id', async () => {
    const primary = await startPostgres()
    onTestFinished(() => primary.stop())
    const standby = await primary.startStandby()
    onTestFinished(() => standby.stop())
    const client = new pg.Client({ connectionString: primary.url })
    await client.connect()
    onTestFinished(() => client.end())
    const nextTransaction = async () => (await client.query('select pg_snapshot_xmax(pg_current_snapshot()) as next')).rows[0].next
    const before = await nextTransaction()
    const fsync = ['warning', 'postgres-fsync', expect.stringContaining('fsync is off'), expect.stringContaining('Set fsync = on')]
    expect(await problemsOf({ database: primary.url })).toEqual([fsync])
    expect(await nextTransaction()).toBe(before)
    expect(await problemsOf({ database: standby.url })).toEqual([
      [
        'error',
        'postgres-standby',
        'The server is a standby, and the gateway writes and must read its own writes.',
        expect.stringContaining('Set DATABASE_URL to the primary'),
      ],
      fsync,
    ])
  })

  it('whose clock differs by five seconds, or that answers slowly, warns', async () => {
    const { url } = await createScratchRole('superuser login')
    const skewed = { ...instantClock, now: () => Date.now() - 5000 }
    expect(await problemsOf({ database: url, clock: skewed })).toEqual([
      [
        'warning',
        'postgres-clock',
        expect.stringMatching(/^The clock of the server is [45]\.\d s ahead of the clock of this machine\.$/),
        expect.stringContaining('Synchronize both clocks'),
      ],
    ])
    let time = 0
    const slow = { ...systemEnv, monotonic: () => (time += 25) }
    expect((await problemsOf({ database: url, clock: slow }))[0]).toEqual([
      'warning',
      'postgres-latency',
      expect.stringMatching(/^PostgreSQL 1\d.* answers in 25\.0 ms/),
      'Run the gateway in the same zone as the database.',
    ])
  })

  it('with a transaction that has been open for more than five minutes, names its process', async () => {
    const role = await createScratchRole('superuser login')
    const client = new pg.Client({ connectionString: role.url })
    await client.connect()
    onTestFinished(() => client.end())
    const { rows } = await client.query('select pg_backend_pid() as process')
    await client.query('begin')
    await client.query('select 1')
    const { details } = await inspectServer({ ...systemEnv, url: role.url, entities: [], minVersion: 150_000, deadlineMs: 5000 })
    expect(details).toMatchObject({ oldestTransactionProcess: rows[0].process, oldestTransactionSeconds: expect.any(Number) })
    if (!details) return
    const messagesAfter = (seconds: number) =>
      judgeSettings(
        { ...details, oldestTransactionSeconds: seconds },
        { poolSize: 1, workers: 1, statementTimeoutMs: 1, isPurging: false },
      ).flatMap(({ level, message }) => (level === 'ok' ? [] : [message]))
    expect(messagesAfter(299)).toEqual([])
    expect(messagesAfter(600)).toEqual([
      `A transaction of the process ${rows[0].process} has been open for 10 minutes, and a migration may wait for it.`,
    ])
  })
})

describe('tidegate doctor, for a Redis server', () => {
  const start = async (...settings: string[]) => {
    const port = await freePort()
    const server = await runRedis(port, [`port ${port}`, ...settings])
    onTestFinished(() => server.stop())
    const password = settings.find((setting) => setting.startsWith('requirepass '))?.slice('requirepass '.length)
    const client = new Redis(port, '127.0.0.1', { retryStrategy: () => 20, ...(password === undefined ? {} : { password }) })
    onTestFinished(() => client.disconnect())
    client.on('error', () => undefined)
    await client.ping()
    return { port, url: `redis://127.0.0.1:${port}`, client }
  }

  it('with maxmemory and allkeys-lru, finds nothing wrong, and writes nothing', async () => {
    const { url, client } = await start('maxmemory 100mb', 'maxmemory-policy allkeys-lru')
    expect(await problemsOf({ redis: url })).toEqual([])
    expect(await client.dbsize()).toBe(0)
    expect(await client.info('persistence')).toContain('rdb_changes_since_last_save:0\r\n')
  })

  it('with noeviction, warns that it would refuse entries, and reports an error once it is full', async () => {
    const { url, port, client } = await start('maxmemory 100mb', 'maxmemory-policy noeviction')
    const noeviction = [
      'warning',
      'redis-eviction',
      `Redis at 127.0.0.1:${port} has maxmemory-policy noeviction: when its 100 MiB are full, it refuses new entries.`,
      'Set maxmemory-policy allkeys-lru, or volatile-ttl if other programs keep data there.',
    ]
    expect(await problemsOf({ redis: url })).toEqual([noeviction])
    await client.config('SET', 'maxmemory', '100kb')
    expect((await problemsOf({ redis: url })).map(([level, check]) => [level, check])).toEqual([
      ['warning', 'redis-eviction'],
      ['warning', 'redis-memory'],
      ['error', 'redis-full'],
    ])
  })

  it('without a limit of its memory, or with a small one, warns', async () => {
    const { url, client } = await start()
    expect((await problemsOf({ redis: url })).map(([level, check, message]) => [level, check, message])).toEqual([
      ['warning', 'redis-memory', expect.stringContaining('has no limit of its memory (maxmemory 0)')],
    ])
    await client.config('SET', 'maxmemory', '10mb', 'maxmemory-policy', 'allkeys-lru')
    expect((await problemsOf({ redis: url })).map(([level, check, message]) => [level, check, message])).toEqual([
      ['warning', 'redis-memory', expect.stringContaining('has only 10 MiB of memory')],
    ])
  })

  it('that is a replica, reports an error once', async () => {
    const primary = await start()
    const replica = await start(`replicaof 127.0.0.1 ${primary.port}`, 'maxmemory 100mb', 'maxmemory-policy allkeys-lru')
    expect((await problemsOf({ redis: replica.url })).map(([level, check, message]) => [level, check, message])).toEqual([
      ['error', 'redis-replica', `Redis at 127.0.0.1:${replica.port} is a replica, which refuses writes.`],
    ])
  })

  it('of version 5, reports that it is too old', async () => {
    const { port, client } = await start()
    const version = /redis_version:(\S+)/.exec(await client.info('server'))?.[1] ?? ''
    const proxy = await startRewritingProxy(port, { [`redis_version:${version}`]: `redis_version:5${version.slice(1)}` })
    onTestFinished(() => proxy.stop())
    expect(await problemsOf({ redis: `redis://127.0.0.1:${proxy.port}` })).toEqual([
      [
        'error',
        'redis-version',
        `Redis 5${version.slice(1)} at 127.0.0.1:${proxy.port} is too old: expected version 6.2 or newer.`,
        'Upgrade Redis, or set REDIS_URL to a newer server.',
      ],
    ])
  })

  it('with a password, distinguishes a missing password, a wrong one and the right one', async () => {
    const { port } = await start('requirepass right', 'maxmemory 100mb', 'maxmemory-policy allkeys-lru')
    const refused = [
      [
        'error',
        'redis-connection',
        `Redis at 127.0.0.1:${port} refused the password.`,
        'Correct REDIS_URL: redis://user:password@host:port, with special characters percent-encoded.',
      ],
    ]
    expect(await problemsOf({ redis: `redis://127.0.0.1:${port}` })).toEqual(refused)
    expect(await problemsOf({ redis: `redis://:wrong@127.0.0.1:${port}` })).toEqual(refused)
    expect(await problemsOf({ redis: `redis://:right@127.0.0.1:${port}` })).toEqual([])
  })

  it('whose user lacks commands or keys, names the commands, and finds nothing wrong after the ACL of the remedy', async () => {
    const { port, client } = await start('maxmemory 100mb', 'maxmemory-policy allkeys-lru')
    await client.call('ACL', 'SETUSER', 'gateway', 'on', '>secret', '+info', '+ping', '+get', '~tidegate:*')
    const url = `redis://gateway:secret@127.0.0.1:${port}`
    const problems = await problemsOf({ redis: url })
    expect(problems).toEqual([
      [
        'error',
        'redis-rights',
        'The user of REDIS_URL may not use SET, UNLINK, ZADD, EVAL, PUBLISH on keys and channels of tidegate.',
        'Run: ACL SETUSER … +@all -@admin -@dangerous +info ~tidegate:* &tidegate:*',
      ],
    ])
    const [, rules = ''] = /^Run: ACL SETUSER … (.*)$/.exec(problems[0]?.[3] ?? '') ?? []
    await client.call('ACL', 'SETUSER', 'gateway', ...rules.split(' '))
    expect(await problemsOf({ redis: url })).toEqual([])
  })

  it('that is a node of a cluster, asks for the cluster form of REDIS_URL, with which it finds each primary', async () => {
    const cluster = await startRedisCluster()
    onTestFinished(() => cluster.stop())
    const [port] = await cluster.primaries()
    expect((await problemsOf({ redis: `redis://127.0.0.1:${port}` })).map(([level, check]) => [level, check])).toContainEqual([
      'error',
      'redis-cluster',
    ])
    const findings = await examine({ database: undefined, redis: cluster.url }, {}, instantClock)
    expect(findings.filter(({ check }) => check === 'redis-version')).toHaveLength(3)
    expect(findings.filter(({ level }) => level === 'error')).toEqual([])
  })
})
