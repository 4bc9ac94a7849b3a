import { hash } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http'
import { type AddressInfo, connect, createServer as createPort, Socket } from 'node:net'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { ApolloServer } from '@apollo/server'
import { buildSchema, coerceInputValue, execute, type GraphQLEnumType, parse } from 'graphql'
import { Redis, ReplyError } from 'ioredis'
import pg from 'pg'
import { Registry } from 'prom-client'
import { expect, inject } from 'vitest'
import { WatchedClient } from '#src/engine/postgres/watched-client.ts'
import { LightHistogram } from '#src/operations/telemetry/light-histogram.ts'

type Check = () => Promise<void>

/** Sends bytes to a server with the given listener, closes the sending side, and returns all bytes received. */
async function exchange(listener: RequestListener, request: string, properties: object = {}): Promise<string> {
  const server = Object.assign(createServer(listener), properties).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const socket = connect({ port: (server.address() as AddressInfo).port, host: '127.0.0.1', allowHalfOpen: true })
  let received = ''
  socket.on('data', (chunk) => {
    received += chunk
  })
  socket.on('error', () => undefined)
  socket.end(request)
  await once(socket, 'close')
  server.close()
  return received
}

const KEPT = 'GET / HTTP/1.1\r\nHost: h\r\n\r\n'
const CLOSED = 'GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n'
const HEAD = 'HTTP/1.1 200 OK\r\nContent-Length: 1\r\nX-Own: 1\r\n\r\n'

async function openClient(): Promise<WatchedClient> {
  const client = new WatchedClient({ connectionString: inject('postgresUrl') })
  await client.open()
  return client
}

const schema = buildSchema('enum E { FIRST } input I { e: E } type Query { a(x: Int!, l: [Int!], i: I): Int }')
const persisted = (version: number, sha256Hash: string) => ({ persistedQuery: { version, sha256Hash } })

/** Checks that fail if a library no longer behaves as docs/internals.md says. */
export const checks: Readonly<Record<string, Check>> = {
  async 'ServerResponse._header'() {
    let isSent = false
    const received = await exchange((_, response) => {
      Object.assign(response, { _header: HEAD })
      isSent = response.headersSent
      response.end('a')
    }, CLOSED)
    expect([isSent, received]).toEqual([true, `${HEAD}a`])
  },
  async 'ServerResponse.shouldKeepAlive'() {
    const kept: boolean[] = []
    const listener = (_: unknown, response: ServerResponse) => {
      kept.push(response.shouldKeepAlive)
      response.setHeader('connection', 'close').end()
    }
    await exchange(listener, KEPT)
    await exchange(listener, CLOSED)
    expect(kept).toEqual([true, false])
  },
  async 'http.Server.httpAllowHalfOpen'() {
    const late: RequestListener = async (request, response) => {
      // At this point the client has closed its sending side.
      request.resume()
      await new Promise((resolve) => request.socket.once('end', resolve))
      response.setHeader('connection', 'close').end('late')
    }
    expect(await exchange(late, KEPT, { httpAllowHalfOpen: true })).toContain('late')
    expect(await exchange(late, KEPT, { httpAllowHalfOpen: false })).not.toContain('late')
  },
  async 'http.Server parses in its only data listener'() {
    const listeners: number[] = []
    const seen: string[] = []
    let last: IncomingMessage | undefined
    const server = createServer((request, response) => {
      last = request
      seen.push(`request ${request.url}, complete: ${request.complete}`)
      response.setHeader('connection', 'close').end()
    })
    server.on('connection', (socket: Socket) => {
      const [parse, ...others] = socket.listeners('data') as ((chunk: Buffer) => void)[]
      listeners.push(1 + others.length)
      socket.removeListener('data', parse as (chunk: Buffer) => void)
      socket.on('data', (chunk: Buffer) => {
        seen.push('before')
        parse?.call(socket, chunk)
        seen.push(`after, complete: ${last?.complete}`)
      })
    })
    await once(server.listen(0, '127.0.0.1'), 'listening')
    const socket = connect({ port: (server.address() as AddressInfo).port, host: '127.0.0.1' })
    socket.write(KEPT)
    await once(socket.resume(), 'close')
    server.close()
    // Within the call, node:http makes the request of the bytes, and it is complete at the end of the call.
    expect([listeners, seen]).toEqual([[1], ['before', 'request /, complete: false', 'after, complete: true']])
  },
  async 'http.Server reads a connection by its parser'() {
    const seen: string[] = []
    const server = createServer((_, response) => void response.end())
    server.on('connection', (socket: Socket) => {
      const { parser, _handle: handle } = socket as unknown as {
        parser: { _consumed: boolean; consume: (handle: object) => void }
        _handle: { _consumed: boolean }
      }
      const listening = () => `${socket.listenerCount('pause')} ${socket.listenerCount('resume')}`
      const ofTheParser = (['pause', 'resume'] as const).map((event) => socket.listeners(event).at(-1) as () => void)
      const [parse] = socket.listeners('data') as ((chunk: Buffer) => void)[]
      seen.push(`${parser._consumed} ${handle._consumed} ${listening()}`)
      const receive = (chunk: Buffer) => {
        seen.push('chunk')
        socket.removeListener('data', receive)
        socket.on('data', (later: Buffer) => {
          seen.push('later chunk')
          parse?.call(socket, later)
        })
        socket.on('pause', ofTheParser[0] as () => void).on('resume', ofTheParser[1] as () => void)
        parser._consumed = true
        parser.consume(handle)
        parse?.call(socket, chunk)
      }
      socket.removeListener('data', parse as (chunk: Buffer) => void)
      socket.on('data', receive)
      seen.push(`${parser._consumed} ${handle._consumed} ${listening()}`)
    })
    await once(server.listen(0, '127.0.0.1'), 'listening')
    const socket = connect({ port: (server.address() as AddressInfo).port, host: '127.0.0.1' })
    for (const request of [KEPT, KEPT, CLOSED]) {
      socket.write(request)
      await once(socket, 'data')
    }
    await once(socket, 'close')
    server.close()
    // A listener of `data` takes the connection from the parser, with its two listeners. Once the parser has it back, no chunk comes any more.
    expect(seen).toEqual(['true true 1 1', 'false true 0 0', 'chunk'])
  },
  async 'http.Server.close calls closeIdleConnections'() {
    const server = createServer().listen(0)
    await once(server, 'listening')
    let calls = 0
    server.closeIdleConnections = () => {
      calls++
    }
    server.close()
    expect(calls).toBe(1)
  },
  async 'net.Server accepts one connection in a turn'() {
    let accepted = 0
    const server = createPort((socket) => {
      accepted++
      socket.destroy()
    }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    for (let client = 0; client < 6; client++) connect(port, '127.0.0.1').on('error', () => undefined)
    const perTurn: number[] = []
    while (accepted < 6) {
      const before = accepted
      await nextTurn()
      perTurn.push(accepted - before)
    }
    server.close()
    expect(Math.max(...perTurn)).toBe(1)
  },
  async 'pg.Client.processID'() {
    const client = await openClient()
    const { rows } = await client.run<{ pid: number }>('select pg_backend_pid() as pid', [])
    expect((client as { processID?: unknown }).processID).toBe(rows[0]?.pid)
    await client.end()
  },
  async 'pg.Client.connection.stream'() {
    const client = await openClient()
    const { stream } = client.connection
    expect(stream).toBeInstanceOf(Socket)
    const ended = new Promise<void>((resolve) => client.once('end', resolve))
    client.abandon()
    await ended
    expect(stream.destroyed).toBe(true)
  },
  async 'pg.Client reports a loss before its statements fail'() {
    for (const reason of [undefined, new Error('broken')]) {
      const client = new pg.Client({ connectionString: inject('postgresUrl') })
      await client.connect()
      const order: string[] = []
      client.on('error', () => order.push('reported'))
      const failed = client.query('select pg_sleep(5)').catch(() => order.push('failed'))
      client.connection.stream.destroy(reason)
      await failed
      expect(order.slice(0, 2)).toEqual(['reported', 'failed'])
    }
  },
  async 'pg.Pool.onConnect'() {
    const onConnect = () => Promise.reject(new Error('not fit'))
    const pool = new pg.Pool({ connectionString: inject('postgresUrl'), onConnect })
    await expect(pool.connect()).rejects.toThrow('not fit')
    await pool.end()
  },
  async 'ioredis.ReplyError'() {
    // A Redis server that answers every command with the READONLY error of a replica.
    const server = createPort((socket) => {
      socket.on('data', (chunk) => {
        for (const _ of chunk.toString().matchAll(/^\*\d/gm)) socket.write("-READONLY You can't write against a read only replica.\r\n")
      })
      socket.on('error', () => undefined)
    }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    const client = new Redis({ port, host: '127.0.0.1', enableReadyCheck: false, maxRetriesPerRequest: 0, retryStrategy: () => null })
    client.on('error', () => undefined)
    const error: unknown = await client.set('a', '1').catch((thrown: unknown) => thrown)
    client.disconnect()
    server.close()
    expect(error).toBeInstanceOf(ReplyError)
    expect(error).toHaveProperty('message', expect.stringMatching(/^READONLY /))
  },
  async 'prom-client Registry takes any object with get'() {
    const registry = new Registry()
    const histogram = new LightHistogram('own_seconds', 'Own.', [1])
    histogram.register(registry)
    histogram.series({ kind: 'a' }).observe(0.5)
    const text = await registry.metrics()
    expect(text).toContain('# TYPE own_seconds histogram')
    expect(text).toMatch(/^own_seconds_bucket\{le="1",kind="a"\} 1$/m)
  },
  async 'ApolloServer executes by its gateway'() {
    const server = new ApolloServer({
      gateway: {
        onSchemaLoadOrUpdate: (listener) => {
          listener({ apiSchema: schema, coreSupergraphSdl: '' })
          return () => undefined
        },
        load: async () => ({ executor: async () => ({ data: { a: 42 } }) }),
        stop: async () => undefined,
      },
    })
    await server.start()
    const { body } = await server.executeOperation({ query: '{ a(x: 1) }' })
    expect(body).toMatchObject({ singleResult: { data: { a: 42 } } })
    await server.stop()
  },
  async 'ApolloServer documentStore keys'() {
    const keys: string[] = []
    const documentStore = {
      get: async (key: string) => void keys.push(key),
      set: async () => undefined,
      delete: async () => false,
    }
    const server = new ApolloServer({ schema, documentStore })
    await server.start()
    await server.executeOperation({ query: '{ a(x: 1) }' })
    expect(keys.map((key) => key.slice(key.lastIndexOf(':') + 1))).toEqual([hash('sha256', '{ a(x: 1) }')])
    await server.stop()
  },
  async 'ApolloServer errors without a code'() {
    const errors: unknown[] = []
    const server = new ApolloServer({
      schema,
      formatError: (formatted, error) => {
        errors.push(error)
        return formatted
      },
    })
    await server.start()
    const query = '{ a(x: 1) }'
    for (const extensions of [persisted(2, hash('sha256', query)), persisted(1, hash('sha256', 'another'))])
      await server.executeOperation({ query, extensions })
    const expected = { extensions: { http: { status: 400 } } }
    expect(errors).toMatchObject([expected, expected])
    for (const error of errors) expect((error as { extensions: object }).extensions).not.toHaveProperty('code')
    await server.stop()
  },
  async 'graphql-js suggests by Did you mean'() {
    const messages: string[] = []
    coerceInputValue('FIRTS', schema.getType('E') as GraphQLEnumType, (_, __, error) => messages.push(error.message))
    expect(messages).toEqual(['Value "FIRTS" does not exist in "E" enum. Did you mean the enum value "FIRST"?'])
  },
  async 'graphql-js errors without a code'() {
    const missing = await execute({ schema, document: parse('query ($x: Int!) { a(x: $x) }'), variableValues: { x: 1 } })
    expect(missing.errors).toBeUndefined()
    const absent = await execute({ schema, document: parse('query ($x: Int) { a(x: $x) }') })
    expect(absent.errors?.map(({ message }) => message)).toEqual([expect.stringMatching(/^Argument "x" /)])
    const many = await execute({
      schema,
      document: parse('query ($l: [Int!]) { a(x: 1, l: $l) }'),
      variableValues: { l: Array.from({ length: 60 }, () => 'x') },
    })
    expect(many.errors?.at(-1)?.message).toMatch(/^Too many errors processing variables/)
    for (const error of [...(absent.errors ?? []), ...(many.errors ?? []).slice(-1)]) expect(error.extensions).toEqual({})
  },
}
