import { setImmediate as nextTurn } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { batched } from '#src/gateway/contract/module.ts'
import { TinyStore } from '../graphql/tiny-module.ts'
import { chunked, openLine, type RawCaller, type RawReply, rawGet, rawPost } from './raw-socket.ts'
import { startTinyServer } from './tiny-server.ts'

const QUERY = '{ notes { nodes { text } } }'
const OWN: RawCaller = { id: 'own', tenant: 't1' }

function twoTenants(): TinyStore {
  const store = new TinyStore()
  for (const tenantId of ['t1', 't2']) store.put({ id: 1, tenantId, folder: 'in', text: `of ${tenantId}` })
  store.written = []
  return store
}

const held: { loads: number; release: () => void } = { loads: 0, release: () => undefined }
let server: Awaited<ReturnType<typeof startTinyServer>>

beforeAll(async () => {
  const version = batched<unknown, unknown, number>(async (parents) => {
    held.loads++
    await new Promise<void>((resolve) => Object.assign(held, { release: resolve }))
    return parents.map(() => 1)
  })
  server = await startTinyServer({
    gateway: { store: twoTenants(), adapt: (module) => ({ ...module, resolvers: { ...module.resolvers, Tools: { version } } }) },
  })
})
afterAll(async () => {
  held.release()
  await server[Symbol.asyncDispose]()
})

const idOf = ({ head }: RawReply) => /^x-request-id: (\S+)$/im.exec(head)?.[1]

describe('T20: a request on a connection with pipelined requests', () => {
  const kinds: Readonly<Record<string, (caller: RawCaller) => Promise<readonly [request: string, body: RegExp]>>> = {
    'a cached POST': async (caller) => [await rawPost(caller, QUERY), new RegExp(`^{"data":{"notes":.*"of ${caller.tenant}"`)],
    'a cached GET': async (caller) => [await rawGet(caller, QUERY), new RegExp(`^{"data":{"notes":.*"of ${caller.tenant}"`)],
    'a GET with a body': async (caller) => {
      const inner = await rawGet({ ...caller, id: 'smuggled' }, QUERY)
      return [await rawGet(caller, QUERY, [`Content-Length: ${inner.length}`], inner), new RegExp(`"of ${caller.tenant}"`)]
    },
    'a new POST': async (caller) => [
      await rawPost(caller, `{ ${caller.id}: notes { nodes { text } } }`),
      new RegExp(`^{"data":{"${caller.id}":`),
    ],
    'a new GET': async (caller) => [
      await rawGet(caller, `{ ${caller.id}: notes { nodes { text } } }`),
      new RegExp(`^{"data":{"${caller.id}":`),
    ],
    'a POST in chunks': async (caller) => [
      await rawPost(caller, '', ['Transfer-Encoding: chunked'], chunked(JSON.stringify({ query: `{ ${caller.id}: lucky }` }))),
      new RegExp(`^{"data":{"${caller.id}":13}}`),
    ],
    'a large POST': async (caller) => {
      const body = JSON.stringify({ query: `{ ${caller.id}: lucky }` }).padEnd(100_000)
      return [await rawPost(caller, '', [`Content-Length: ${body.length}`], body), new RegExp(`^{"data":{"${caller.id}":13}}`)]
    },
    'a mutation': async (caller) => [
      await rawPost(caller, `mutation { ${caller.id}: setText(id: "404", text: "x") { id } }`),
      new RegExp(`"path":\\["${caller.id}"\\]`),
    ],
    'a GET that is refused': async (caller) => [
      (await rawGet(caller, QUERY)).replace('Apollo-Require-Preflight', 'X-None'),
      /"code":"BAD_REQUEST"/,
    ],
    'a body that is not JSON': async (caller) => [await rawPost(caller, '', undefined, `{${caller.id}`), /Invalid JSON/],
  }
  const names = Object.keys(kinds)

  const expectAnswer = async () => {
    const { socket, replies } = openLine(server.port)
    socket.write(await rawPost(OWN, QUERY))
    expect(await replies(1)).toMatchObject([{ status: 200, body: '{"data":{"notes":{"nodes":[{"text":"of t1"}]}}}' }])
    socket.destroy()
  }

  beforeAll(async () => {
    for (const tenant of ['t1', 't2']) {
      for (const name of ['a cached POST', 'a cached GET', 'a cached GET', 'a cached POST']) {
        const { socket, replies } = openLine(server.port)
        socket.write((await kinds[name]?.({ id: 'warm', tenant }))?.[0] ?? '')
        await replies(1)
        socket.destroy()
      }
    }
  })

  it.each(names)('T20: gets its own response, and so does the next request in the same packet: %s', async (first) => {
    for (const [index, second] of names.entries()) {
      for (const [one, other] of [
        ['t1', 't2'],
        ['t2', 't1'],
      ] as const) {
        const callers = [one, other, one].map((tenant, position) => ({ id: `r${index}${position}${tenant}`, tenant }))
        const sent = await Promise.all(
          [first, second, first].map((name, position) => kinds[name]?.(callers[position] ?? OWN) ?? ['', /^$/]),
        )
        const { socket, replies } = openLine(server.port)
        socket.write(sent.map(([request]) => request).join(''))
        const received = await replies(sent.length)
        expect([first, second, received.map(idOf)]).toEqual([first, second, callers.map(({ id }) => id)])
        for (const [position, { body }] of received.entries()) expect(body).toMatch(sent[position]?.[1] ?? /^$/)
        socket.destroy()
      }
    }
  })

  it.each([
    'a cached POST',
    'a new POST',
    'a cached GET',
    'a POST in chunks',
  ])('T20: gets the same response wherever the network splits it into two packets: %s', async (name) => {
    const caller = { id: 'cut', tenant: 't1' }
    const [request, body] = (await kinds[name]?.(caller)) ?? ['', /^$/]
    for (let at = 1; at < request.length; at++) {
      const { socket, replies } = openLine(server.port)
      const before = server.sockets.length
      socket.write(request.slice(0, at))
      while (server.sockets.length === before || (server.sockets.at(-1)?.bytesRead ?? 0) < at) await nextTurn()
      socket.write(request.slice(at))
      const [reply] = await replies(1)
      expect([at, reply?.status]).toEqual([at, 200])
      expect(reply?.body).toMatch(body)
      socket.destroy()
    }
  })

  it('T20: gets its own response or none if its body is longer than Content-Length, and the excess bytes are refused', async () => {
    for (const query of [QUERY, '{ lucky }']) {
      for (const surplus of ['}', JSON.stringify({ query }), '\u0000\u0000', '0\r\n\r\n']) {
        const { socket, closed } = openLine(server.port)
        socket.write((await rawPost(OWN, query)) + surplus)
        const statuses = (await closed()).map(({ status }) => status)
        expect([[200, 400], [400]]).toContainEqual(statuses)
      }
    }
    await expectAnswer()
  })

  it('T20: does not affect later requests if its client disconnects before the end of the request', async () => {
    for (const request of [await rawPost(OWN, QUERY), await rawPost(OWN, QUERY, ['Content-Length: 100000'])]) {
      const before = server.sockets.length
      const { socket } = openLine(server.port)
      socket.write(request.slice(0, -5))
      while (server.sockets.length === before || (server.sockets.at(-1)?.bytesRead ?? 0) < request.length - 5) await nextTurn()
      const closed = new Promise((resolve) => server.sockets.at(-1)?.once('close', resolve))
      socket.resetAndDestroy()
      await closed
    }
    await expectAnswer()
  })

  it('T20: waits for a slow earlier request on the same connection, even if its own response is cached', async () => {
    const [slow, quick] = [
      { id: 'slow', tenant: 't1' },
      { id: 'quick', tenant: 't2' },
    ]
    const { socket, replies } = openLine(server.port)
    const answered = server.atHand.count
    socket.write((await rawPost(slow, '{ tools { version } }')) + (await rawPost(quick, QUERY)))
    const isAnswered = () => server.atHand.count > answered || server.gateway.operations.some(({ requestId }) => requestId === quick.id)
    await vi.waitUntil(() => held.loads === 1 && isAnswered(), { timeout: 10_000 })
    expect(await replies(0)).toEqual([])
    held.release()
    const received = await replies(2)
    expect(received.map(({ body }) => body)).toEqual([
      '{"data":{"tools":{"version":1}}}',
      '{"data":{"notes":{"nodes":[{"text":"of t2"}]}}}',
    ])
    expect(received.map(idOf)).toEqual(['slow', 'quick'])
    socket.destroy()
  })
})
