import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { DedicatedConnection } from '#src/engine/postgres/dedicated-connection.ts'
import { DatabaseUnavailableError, isUnavailable } from '#src/engine/postgres/failure.ts'
import { VerifiedPool } from '#src/engine/postgres/verified-pool.ts'
import { WatchedClient } from '#src/engine/postgres/watched-client.ts'
import { createDatabase, type TestDatabase } from '../servers/database.ts'
import { freePort } from '../servers/free-port.ts'

const CONNECT_TIMEOUT_MS = 80

let database: TestDatabase

beforeAll(async () => {
  database = await createDatabase()
})
afterAll(() => database?.drop())

const failureOf = (work: Promise<unknown>) =>
  work.then(
    () => undefined,
    (error: unknown) => error,
  )
const poolAt = (url: string, connectTimeoutMs = CONNECT_TIMEOUT_MS) =>
  new VerifiedPool({
    connection: { connectionString: url, connectionTimeoutMillis: connectTimeoutMs },
    verifyTimeoutMs: connectTimeoutMs,
    poolSize: 1,
    statementTimeoutMs: 5000,
    onError: () => undefined,
  })
const connectionAt = (url: string) => new DedicatedConnection({ connectionString: url }, async () => undefined)

/** Starts a server that handles each connection as given, and returns its address as a database URL. */
async function startServer(onConnection: (socket: Socket) => void) {
  const sockets: Socket[] = []
  const server = createServer((socket) => {
    sockets.push(socket.on('error', () => undefined))
    onConnection(socket)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `postgres://nobody@127.0.0.1:${(server.address() as AddressInfo).port}/nothing`,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}

/** Returns a message of PostgreSQL's protocol with which the server refuses a connection. */
function fatal(state: string): Buffer {
  const fields = Buffer.from(`SFATAL\0VFATAL\0C${state}\0Mcould not write init file\0\0`)
  const head = Buffer.from('E\0\0\0\0')
  head.writeInt32BE(fields.length + 4, 1)
  return Buffer.concat([head, fields])
}

describe('an error of the PostgreSQL driver without a code counts as an unavailable database', () => {
  it('if nothing listens at the address', async () => {
    const pool = poolAt(`postgres://nobody@127.0.0.1:${await freePort()}/nothing`)
    expect(await failureOf(pool.connect())).toBeInstanceOf(DatabaseUnavailableError)
    await pool.end()
  })

  it('if the name of the server is unknown', async () => {
    expect(await failureOf(connectionAt('postgres://nobody@no-such-host.invalid/nothing').run('select 1', []))).toBeInstanceOf(
      DatabaseUnavailableError,
    )
  })

  it.each([
    ['closes the connection immediately', (socket: Socket) => socket.end()],
    ['sends something other than the PostgreSQL protocol', (socket: Socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')],
    ['never answers', () => undefined],
    ['reports a fault of its own, as with a full disk', (socket: Socket) => socket.once('data', () => socket.end(fatal('XX000')))],
  ])('if the server %s', async (_, onConnection) => {
    await using server = await startServer(onConnection)
    const pool = poolAt(server.url)
    expect(await failureOf(pool.connect())).toBeInstanceOf(DatabaseUnavailableError)
    await pool.end()
    const connection = connectionAt(server.url)
    expect(await failureOf(connection.run('select 1', [], CONNECT_TIMEOUT_MS))).toBeInstanceOf(DatabaseUnavailableError)
    await connection.close()
  })

  it('if no connection of the pool becomes free in time', async () => {
    const pool = poolAt(database.url, 1000)
    const held = await pool.connect()
    expect(await failureOf(pool.connect())).toBeInstanceOf(DatabaseUnavailableError)
    held.release()
    await pool.end()
  })

  it('if the network drops the response to a statement', async () => {
    const client = new WatchedClient({ connectionString: database.url })
    await client.open()
    expect(await failureOf(client.run('select pg_sleep(5)', [], 50))).toBeInstanceOf(DatabaseUnavailableError)
    client.abandon()
  })

  it('if the server closes the connection during a statement; later statements fail in the same way', async () => {
    const client = new WatchedClient({ connectionString: database.url })
    await client.open()
    const { rows } = await client.run<{ pid: number }>('select pg_backend_pid() as pid', [])
    const sleeping = failureOf(client.run('select pg_sleep(5)', []))
    await database.query('select pg_terminate_backend($1)', [rows[0]?.pid])
    expect(isUnavailable(await sleeping)).toBe(true)
    expect(await failureOf(client.run('select 1', []))).toBeInstanceOf(DatabaseUnavailableError)
  })

  it('if this process closes the connection during a statement; later statements fail in the same way', async () => {
    const client = new WatchedClient({ connectionString: database.url })
    await client.open()
    const sleeping = failureOf(client.run('select pg_sleep(5)', []))
    const ended = client.end()
    expect(await failureOf(client.run('select 1', []))).toBeInstanceOf(DatabaseUnavailableError)
    expect(await sleeping).toBeInstanceOf(DatabaseUnavailableError)
    await ended
  })

  it('if the socket fails during a statement', async () => {
    const client = new WatchedClient({ connectionString: database.url })
    await client.open()
    const sleeping = failureOf(client.run('select pg_sleep(5)', []))
    client.connection.stream.destroy(new Error('in words that nobody has ever seen'))
    expect(await sleeping).toBeInstanceOf(DatabaseUnavailableError)
  })

  it('only on connections that the gateway watches, not on a plain client of the driver', async () => {
    const plain = new pg.Client({ connectionString: database.url })
    await plain.connect()
    plain.on('error', () => undefined)
    const sleeping = failureOf(plain.query('select pg_sleep(5)'))
    plain.connection.stream.destroy()
    const error = await sleeping
    expect(error).not.toHaveProperty('code')
    expect(isUnavailable(error)).toBe(false)
  })
})

describe('an error that the statement itself causes does not count as an unavailable database,', () => {
  it.each([
    ['a violated constraint', "insert into tenants (id, name, currency) values (null, 'x', 'USD')", []],
    ['a syntax error', 'selec 1', []],
    ['a parameter that the driver cannot serialize', 'select $1::text', [circular()]],
  ])('such as %s', async (_, statement, parameters) => {
    const client = new WatchedClient({ connectionString: database.url })
    await client.open()
    const error = await failureOf(client.run(statement, parameters))
    expect(error).toBeInstanceOf(Error)
    expect(isUnavailable(error)).toBe(false)
    await client.end()
  })

  it('such as a database that does not exist', async () => {
    const url = new URL(database.url)
    url.pathname = '/no_such_database'
    const error = await failureOf(connectionAt(url.href).run('select 1', []))
    expect([(error as { code?: unknown }).code, isUnavailable(error)]).toEqual(['3D000', false])
  })
})

function circular(): unknown {
  const value: { self?: unknown } = {}
  value.self = value
  return value
}
