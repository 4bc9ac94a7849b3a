import { request } from 'node:http'
import { connect } from 'node:net'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { readConfig } from '#src/config/config.ts'
import { GatewayError } from '#src/errors.ts'
import { ManualEnv, settled } from '../cache/manual-env.ts'
import { at, startTinyGateway, viewer } from '../graphql/tiny-gateway.ts'
import { TinyStore } from '../graphql/tiny-module.ts'
import { bearer, post, startTinyServer } from '../threats/tiny-server.ts'
import { Gate } from './gate.ts'

const NOTE = '{ note(id: "1") { text } }'

function storeOfOne(): TinyStore {
  const store = new TinyStore()
  store.put({ id: 1, tenantId: 't1', folder: 'in', text: 'one' })
  store.written = []
  return store
}

const isAborted = (store: TinyStore) => store.loads.findLast(({ name }) => name === 'Note')?.read.signal?.aborted

describe('a load for clients that may disconnect', () => {
  async function start() {
    const gate = new Gate()
    const env = new ManualEnv()
    const store = storeOfOne()
    const limits = { ...readConfig({}).limits, executionTimeoutMs: 500 }
    const gateway = await startTinyGateway({ store, env, limits, adapt: (module) => gate.adapt(module) })
    const ask = (query: string, signal?: AbortSignal) =>
      gateway.endpoint.execute({
        ...{ method: 'POST', headers: { 'content-type': 'application/json' }, search: '', requestId: 'r', debug: false, signal },
        ...{ body: Buffer.from(JSON.stringify({ query })), viewer: viewer('t1', 'EDITOR') },
      })
    const bodyOf = async (asked: ReturnType<typeof ask>) => JSON.parse(Buffer.from((await asked).body as Uint8Array).toString())
    return { gate, env, store, gateway, ask, bodyOf }
  }

  it.each([
    ['for a response that is cached as a whole', NOTE],
    ['for a response that is not cached', '{ raw note(id: "1") { text } }'],
  ])('is aborted when its last client has disconnected, and not earlier: %s', async (_, query) => {
    const { gate, store, gateway, ask, bodyOf } = await start()
    await using _gateway = gateway
    gate.hold()
    const clients = [new AbortController(), new AbortController()]
    const asked = clients.map(({ signal }) => bodyOf(ask(query, signal)))
    const stays = bodyOf(ask(query))
    await settled()
    for (const client of clients) client.abort(new GatewayError('CLIENT_CLOSED'))
    await settled()
    expect(isAborted(store)).toBe(false)
    gate.release()
    expect(at(await stays, 'data', 'note', 'text')).toBe('one')
    for (const left of asked) expect(at(await left, 'errors', 0, 'extensions', 'code')).toBe('CLIENT_CLOSED')

    await gateway.cache.invalidate('everything')
    gate.hold()
    const last = new AbortController()
    const leaves = bodyOf(ask(query, last.signal))
    await settled()
    last.abort(new GatewayError('CLIENT_CLOSED'))
    await leaves
    await settled()
    expect(isAborted(store)).toBe(true)
    expect(gateway.cache.stats().loadsInFlight).toBe(0)
    gate.release()
    expect(gateway.hidden).toEqual([])
  })

  it('is aborted at the timeout of its query', async () => {
    const { gate, env, store, gateway, ask, bodyOf } = await start()
    await using _ = gateway
    gate.hold()
    const asked = bodyOf(ask(NOTE))
    await settled()
    await env.advance(502)
    expect(at(await asked, 'errors', 0, 'extensions', 'code')).toBe('TIMEOUT')
    expect(isAborted(store)).toBe(true)
    gate.release()
  })

  it('continues if it belongs to a mutation', async () => {
    const { gate, store, gateway, ask, bodyOf } = await start()
    await using _ = gateway
    gate.hold()
    const client = new AbortController()
    const asked = bodyOf(ask('mutation { setText(id: "1", text: "two") { text } }', client.signal))
    await settled()
    client.abort(new GatewayError('CLIENT_CLOSED'))
    await settled()
    expect(isAborted(store)).toBe(false)
    gate.release()
    expect(at(await asked, 'data', 'setText', 'text')).toBe('two')
  })
})

it('A load is aborted when its client closes the connection, whether the request is new or was seen before.', async () => {
  const gate = new Gate()
  const store = storeOfOne()
  await using server = await startTinyServer({ gateway: { store, adapt: (module) => gate.adapt(module) } })
  const authorization = await bearer(viewer('t1'))
  const sent = post(NOTE, { authorization })
  const headers = { authorization, 'content-type': 'application/json' }
  const hangUp = async (loads: number) => {
    gate.hold()
    const sending = request({ port: server.port, method: 'POST', path: '/graphql', headers, agent: false })
    sending.on('error', () => undefined)
    sending.end(sent.body)
    await expect.poll(() => store.loadsOf('Note')).toBe(loads)
    expect(isAborted(store)).toBe(false)
    sending.destroy()
    await expect.poll(() => isAborted(store), { timeout: 5000 }).toBe(true)
    gate.release()
  }
  await hangUp(1)
  await server.untilAtHand(sent)
  await server.gateway.cache.invalidate('everything')
  await hangUp(3)
})

it('A client that closes only its sending side gets interim responses (102) from a single timer, and then its response.', async () => {
  const gate = new Gate()
  const store = storeOfOne()
  await using server = await startTinyServer({ gateway: { store, adapt: (module) => gate.adapt(module) } })
  const authorization = await bearer(viewer('t1'))
  const first = { method: 'POST', headers: { authorization, 'content-type': 'application/json' }, body: '{"query":"{ __typename }"}' }
  // The first request makes the access token known, so that the fast path looks up the next request and passes it on to
  // the framework.
  await fetch(`http://127.0.0.1:${server.port}/graphql`, first)
  const timers = vi.spyOn(globalThis, 'setInterval')
  onTestFinished(() => timers.mockRestore())
  const body = JSON.stringify({ query: NOTE })
  const head = `POST /graphql HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\nAuthorization: ${authorization}`
  gate.hold()
  const socket = connect({ port: server.port, allowHalfOpen: true })
  const received: string[] = []
  socket.on('data', (bytes: Buffer) => received.push(bytes.toString()))
  socket.end(`${head}\r\nContent-Length: ${body.length}\r\n\r\n${body}`)
  await expect.poll(() => received.join('').split('102 Processing').length, { timeout: 5000 }).toBeGreaterThan(2)
  expect(timers.mock.calls.filter(([, delayMs]) => delayMs === 250)).toHaveLength(1)
  expect(isAborted(store)).toBe(false)
  gate.release()
  await expect.poll(() => received.join('')).toContain('HTTP/1.1 200 OK')
  expect(received.join('')).toContain('{"data":{"note":{"text":"one"}}}')
  socket.destroy()
})
