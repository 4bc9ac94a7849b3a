import { type IncomingMessage, request } from 'node:http'
import { createClient } from 'graphql-sse'
import { describe, expect, it } from 'vitest'
import { ManualEnv } from '../cache/manual-env.ts'
import { viewer } from '../graphql/tiny-gateway.ts'
import { bearer, get, post, type Sent, startTinyServer } from '../threats/tiny-server.ts'

type Server = Awaited<ReturnType<typeof startTinyServer>>

const NOTE = 'query Note @live { note(id: "1") { text } }'
const EVENTS = { accept: 'text/event-stream' }

async function write({ store, gateway }: Server, text: string): Promise<void> {
  store.put({ id: 1, tenantId: 'acme', folder: 'inbox', text })
  const { written } = store
  store.written = []
  await gateway.log.append(written)
}

async function clientOf({ port }: Server) {
  const authorization = await bearer(viewer('acme'))
  return createClient({ url: `http://127.0.0.1:${port}/graphql`, headers: { authorization }, retryAttempts: 0 })
}

/** Opens a stream, and reads it until its text contains what is awaited. */
async function openStream({ port }: Server, { method = 'POST', path = '/graphql', headers = {}, body }: Sent) {
  const sending = request({ host: '127.0.0.1', port, method, path, headers: { ...headers } as Record<string, string>, agent: false })
  const response = await new Promise<IncomingMessage>((resolve, reject) => sending.on('error', reject).on('response', resolve).end(body))
  let text = ''
  const { promise: ended, resolve: end } = Promise.withResolvers<void>()
  response.on('data', (chunk: Buffer) => {
    text += chunk.toString()
  })
  response.on('close', end).on('error', () => undefined)
  return {
    headers: response.headers,
    status: response.statusCode,
    ended,
    text: () => text,
    async until(part: string): Promise<void> {
      while (!text.includes(part)) await new Promise<void>((resolve) => response.once('data', () => resolve()))
    },
    leave: () => sending.destroy(),
  }
}

describe('streams of events over HTTP', () => {
  it('The client of graphql-sse gets the result of a live query, and each new one', async () => {
    await using server = await startTinyServer()
    await write(server, 'old')
    const client = await clientOf(server)
    const results: unknown[] = []
    for await (const { data } of client.iterate({ query: NOTE })) {
      results.push(data)
      if (results.length === 1) await write(server, 'new')
      else break
    }
    client.dispose()
    expect(results).toEqual([{ note: { text: 'old' } }, { note: { text: 'new' } }])
  })

  it('The client of graphql-sse gets one result of a query without @live, and of a mutation', async () => {
    await using server = await startTinyServer()
    await write(server, 'old')
    const client = await clientOf(server)
    const results: unknown[] = []
    for await (const { data } of client.iterate({ query: '{ note(id: "1") { text } }' })) results.push(data)
    expect(results).toEqual([{ note: { text: 'old' } }])
    const editor = createClient({
      url: `http://127.0.0.1:${server.port}/graphql`,
      headers: { authorization: await bearer(viewer('acme', 'EDITOR')) },
      retryAttempts: 0,
    })
    const written: unknown[] = []
    for await (const { data, extensions } of editor.iterate<unknown, { readonly consistencyToken?: string }>({
      query: 'mutation { setText(id: "1", text: "new") { text } }',
    }))
      written.push(data, typeof extensions?.consistencyToken)
    expect(written).toEqual([{ setText: { text: 'new' } }, 'string'])
    for (const each of [client, editor]) each.dispose()
  })

  it('A live query without a header that prefers events is answered once, as JSON', async () => {
    await using server = await startTinyServer()
    await write(server, 'old')
    const authorization = await bearer(viewer('acme'))
    const accepted = [
      '*/*',
      'application/json, text/event-stream',
      'text/event-stream;q=0.5, application/json',
      'text/event-stream;q=0, */*',
    ]
    for (const accept of accepted) {
      const reply = await server.send(post(NOTE, { authorization, accept }))
      expect([accept, reply.headers['content-type'], JSON.parse(reply.text)]).toEqual([
        accept,
        'application/json; charset=utf-8',
        { data: { note: { text: 'old' } } },
      ])
    }
  })

  it('A stream has the headers that keep caches and proxies from storing or delaying it, and tokens as ids', async () => {
    await using server = await startTinyServer()
    await write(server, 'old')
    const stream = await openStream(
      server,
      post(NOTE, { ...EVENTS, authorization: await bearer(viewer('acme')), 'accept-encoding': 'gzip' }),
    )
    await stream.until('\n\nevent: next')
    await stream.until('}\n\n')
    expect([stream.status, stream.headers]).toMatchObject([
      200,
      { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-store', 'x-accel-buffering': 'no' },
    ])
    expect(stream.headers['content-encoding']).toBeUndefined()
    expect(stream.text()).toMatch(
      /event: next\nid: [\w-]+\ndata: \{"data":\{"note":\{"text":"old"\}\},"extensions":\{"consistencyToken":"[\w-]+"\}\}\n\n/,
    )
    stream.leave()
  })

  it('A request that must be refused gets a plain answer as JSON', async () => {
    await using server = await startTinyServer({ gateway: { maxBatched: 5 } })
    const authorization = await bearer(viewer('acme'))
    const refused = async (sent: Sent) => {
      const reply = await server.send(sent)
      return [reply.status, JSON.parse(reply.text).errors[0].extensions.code]
    }
    const headers = { ...EVENTS, authorization }
    expect(await refused(post('query @live { nothing }', headers))).toEqual([400, 'GRAPHQL_VALIDATION_FAILED'])
    expect(await refused(post('query @live {', headers))).toEqual([400, 'GRAPHQL_PARSE_FAILED'])
    expect(await refused({ ...post(NOTE, headers), body: '{' })).toEqual([400, 'BAD_REQUEST'])
    expect(await refused({ ...post(NOTE, headers), body: JSON.stringify([{ query: NOTE }]) })).toEqual([400, 'BAD_REQUEST'])
    expect(await refused(get(NOTE, { ...headers, 'apollo-require-preflight': '' }))).toEqual([400, 'BAD_REQUEST'])
    expect(await refused(post(NOTE, { ...EVENTS, authorization: 'Bearer forged' }))).toEqual([401, 'UNAUTHENTICATED'])
  })

  it('A live query by GET is a stream, if no page of another site can send it', async () => {
    await using server = await startTinyServer()
    await write(server, 'old')
    const stream = await openStream(server, get(NOTE, { ...EVENTS, authorization: await bearer(viewer('acme')) }))
    await stream.until('"old"')
    stream.leave()
  })

  it('A request for events is not answered as one with the same text that was answered from memory', async () => {
    await using server = await startTinyServer()
    await write(server, 'old')
    const authorization = await bearer(viewer('acme'))
    await server.untilAtHand(post(NOTE, { authorization }))
    const { count } = server.atHand
    const stream = await openStream(server, post(NOTE, { ...EVENTS, authorization }))
    await stream.until('event: next')
    expect(server.atHand.count).toBe(count)
    stream.leave()
  })

  it('A client that leaves makes room for another stream', async () => {
    await using server = await startTinyServer({ live: { maxStreamsPerCaller: 1 } })
    const sent = post(NOTE, { ...EVENTS, authorization: await bearer(viewer('acme')) })
    const stream = await openStream(server, sent)
    await stream.until('event: next')
    const refused = await server.send(sent)
    expect([refused.status, JSON.parse(refused.text).errors[0].extensions.code]).toEqual([429, 'RATE_LIMITED'])
    stream.leave()
    while (server.live.counts.streams > 0) await new Promise((resolve) => setImmediate(resolve))
    const next = await openStream(server, sent)
    await next.until('event: next')
    next.leave()
  })

  it('A stream ends with an error soon after its token has expired, and after its caller got another role', async () => {
    const env = new ManualEnv()
    let isLater = false
    let role: 'EDITOR' | 'VIEWER' = 'EDITOR'
    const standing = () => ({ hasTenant: true, user: role, validAfter: 0, isRevoked: false })
    let current: ReturnType<typeof standing> = standing()
    await using server = await startTinyServer({
      gateway: { env },
      authentication: {
        now: () => Date.now() + (isLater ? 10_000_000 : 0),
        standingOf: () => ({ peek: () => current, read: async () => current }),
      },
    })
    const sent = post(NOTE, { ...EVENTS, authorization: await bearer(viewer('acme', 'EDITOR'), 60) })
    const [one, other] = [await openStream(server, sent), await openStream(server, { ...sent })]
    await one.until('event: next')
    await other.until('event: next')
    role = 'VIEWER'
    current = standing()
    await env.advance(1500)
    await one.ended
    expect(one.text()).toContain('"code":"UNAUTHENTICATED"')
    expect(one.text().endsWith('event: complete\ndata:\n\n')).toBe(true)
    await other.ended
    const again = await openStream(server, sent)
    await again.until('event: next')
    isLater = true
    await env.advance(1500)
    await again.ended
    expect(again.text()).toContain('"code":"UNAUTHENTICATED"')
  })

  it('A server that closes ends its streams without the event complete', async () => {
    const server = await startTinyServer()
    const stream = await openStream(server, post(NOTE, { ...EVENTS, authorization: await bearer(viewer('acme')) }))
    await stream.until('event: next')
    server.live.close()
    await stream.ended
    expect(stream.text()).not.toContain('event: complete')
    // Nothing else is executed or logged when a stream has ended.
    expect([server.gateway.operations, server.log.filter((line) => !line.includes('"level":"info"'))]).toEqual([[], []])
    await server[Symbol.asyncDispose]()
  })
})
