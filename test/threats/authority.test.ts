import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type CryptoKey, exportJWK, generateKeyPair, SignJWT } from 'jose'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Role } from '#src/gateway/identity/principal.ts'
import { viewer } from '../graphql/tiny-gateway.ts'
import { TinyStore } from '../graphql/tiny-module.ts'
import { bearer, get, post, type Sent, startTinyServer } from './tiny-server.ts'

const MINUTE_MS = 60_000
/**
 * A withdrawn key may be accepted for two minutes, because the key set and a verified token are each cached for one
 * minute.
 */
const WITHDRAWN_MS = 2 * MINUTE_MS
const QUERY = '{ notes { nodes { text } } }'

function oneNote(): TinyStore {
  const store = new TinyStore()
  store.put({ id: 1, tenantId: 't1', folder: 'in', text: 'guarded' })
  store.written = []
  return store
}

type Server = Awaited<ReturnType<typeof startTinyServer>>

/** Sends the request by POST and GET until both responses come from memory. */
async function warm(server: Server, authorization: string, query = QUERY): Promise<readonly Sent[]> {
  const requests = [post(query, { authorization }), get(query, { authorization })]
  const tags: string[] = []
  for (const request of requests) {
    const { status, headers } = await server.untilAtHand(request)
    expect(status).toBe(200)
    tags.push(String(headers['etag']))
  }
  return [...requests, get(query, { authorization, 'if-none-match': tags.join(', ') })]
}

async function expectRefused(server: Server, requests: readonly Sent[]): Promise<void> {
  const { length } = server.store.loads
  const answered = server.atHand.count
  for (const request of requests) {
    const { status, text, headers } = await server.send(request)
    expect([status, text.includes('guarded'), headers['x-cache'], headers['etag']]).toEqual([401, false, undefined, undefined])
    expect(JSON.parse(text).errors[0].extensions.code).toBe('UNAUTHENTICATED')
  }
  expect([server.store.loads.length, server.atHand.count]).toEqual([length, answered])
}

describe('T12: a response that is cached in memory', () => {
  it("T12: is not sent after the reader's access token has expired", async () => {
    const authorization = await bearer(viewer('t1'), 30)
    const start = Date.now()
    let now = start
    await using server = await startTinyServer({ gateway: { store: oneNote() }, authentication: { now: () => now } })
    const requests = await warm(server, authorization)
    now = start + 28_000
    for (const request of requests) expect([200, 304]).toContain((await server.send(request)).status)
    now = start + 31_000
    await expectRefused(server, requests)
    const renewed = await server.send(post(QUERY, { authorization: await bearer(viewer('t1')) }))
    expect([renewed.status, renewed.headers['x-cache']]).toEqual([200, 'HIT'])
  })

  it('T12: is not sent to an anonymous caller, nor for an access token that only resembles the valid one', async () => {
    await using server = await startTinyServer({ gateway: { store: oneNote() } })
    const authorization = await bearer(viewer('t1'))
    await warm(server, authorization)
    const [kind = '', token = ''] = authorization.split(' ')
    const [head, claims, signature = ''] = token.split('.')
    const other = Buffer.from(claims ?? '', 'base64url')
      .toString()
      .replace('"t1"', '"t2"')
    const forged = [
      `${kind} ${head}.${claims}.${signature.slice(0, -2)}`,
      `${kind} ${head}.${Buffer.from(other).toString('base64url')}.${signature}`,
      `${kind} ${token} `.repeat(2),
      token,
    ]
    await expectRefused(
      server,
      forged.map((header) => post(QUERY, { authorization: header })),
    )
    const anonymous = await server.send(post(QUERY))
    expect(JSON.parse(anonymous.text)).toMatchObject({ data: null, errors: [{ extensions: { code: 'UNAUTHENTICATED' } }] })
  })

  it.each(['{ revenue }', '{ note(id: "1") { loud } }'])('T12: is not sent to the same user with a lower role: %s', async (query) => {
    await using server = await startTinyServer({ gateway: { store: oneNote() } })
    const withRole = (role: Role) => bearer(viewer('t1', role))
    await warm(server, await withRole('ADMIN'), query)
    const answered = server.atHand.count
    for (const role of ['EDITOR', 'VIEWER'] as const) {
      const authorization = await withRole(role)
      for (const request of [post(query, { authorization }), get(query, { authorization }), post(query, { authorization })]) {
        const { text, headers } = await server.send(request)
        expect(JSON.parse(text)).toMatchObject({ errors: [{ extensions: { code: 'FORBIDDEN' } }] })
        expect([/7|GUARDED/.test(text), headers['etag'], headers['cache-control']]).toEqual([false, undefined, 'no-store'])
      }
    }
    expect(server.atHand.count).toBe(answered)
    expect((await server.send(post(query, { authorization: await withRole('ADMIN') }))).headers['x-cache']).toBe('HIT')
  })
})

describe('T12: an access token whose signing key was withdrawn', () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ['Date'] }))
  afterEach(() => void vi.useRealTimers())

  const keyPair = async (kid: string) => {
    const { publicKey, privateKey } = await generateKeyPair('EdDSA', { extractable: true })
    return { privateKey, kid, jwk: { ...(await exportJWK(publicKey)), kid, alg: 'EdDSA', use: 'sig' } }
  }
  const tokenOf = async ({ privateKey, kid }: { readonly privateKey: CryptoKey; readonly kid: string }, userId: string) => {
    const token = new SignJWT({ tenant: 't1', role: 'VIEWER' }).setProtectedHeader({ alg: 'EdDSA', kid }).setSubject(userId)
    return `Bearer ${await token.setIssuer('tidegate').setAudience('tidegate').setExpirationTime('1h').sign(privateKey)}`
  }
  const startWith = (authentication: { jwksFile: string } | { jwksUrl: string }) =>
    startTinyServer({ gateway: { store: oneNote() }, authentication: { ...authentication, now: () => Date.now() } })
  const pass = (ms: number) => vi.setSystemTime(Date.now() + ms)

  /** Serves a key set that the test can change. */
  const publish = async (...keys: readonly object[]) => {
    const published = { keys }
    const server = createServer((_, response) => response.setHeader('content-type', 'application/json').end(JSON.stringify(published)))
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    return {
      url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/jwks`,
      withdraw: () => Object.assign(published, { keys: keys.slice(1) }),
      async [Symbol.asyncDispose]() {
        server.closeAllConnections()
        await new Promise((resolve) => server.close(resolve))
      },
    }
  }

  it('T12: is rejected a minute later even for cached responses, if the keys come from JWKS_URL', async () => {
    const [old, current] = [await keyPair('old'), await keyPair('current')]
    await using address = await publish(old.jwk, current.jwk)
    await using server = await startWith({ jwksUrl: address.url })
    const requests = await warm(server, await tokenOf(old, 'u1'))
    const others = await warm(server, await tokenOf(current, 'u1'))
    address.withdraw()
    pass(MINUTE_MS)
    await expectRefused(server, requests)
    for (const request of others) expect([200, 304]).toContain((await server.send(request)).status)
  })

  it('T12: is rejected two minutes later even if it was first used after the withdrawal', async () => {
    const [old, current] = [await keyPair('old'), await keyPair('current')]
    await using address = await publish(old.jwk, current.jwk)
    await using server = await startWith({ jwksUrl: address.url })
    const requests = [...(await warm(server, await tokenOf(old, 'u1')))]
    const { length } = requests
    address.withdraw()
    for (const ms of [1000, 15_000, 43_000, 30_000, 30_000]) {
      pass(ms)
      const request = post(QUERY, { authorization: await tokenOf(old, `u${requests.length}`) })
      if ((await server.send(request)).status === 200) requests.push(request)
    }
    expect(requests.length).toBeGreaterThan(length)
    pass(WITHDRAWN_MS - 119_000)
    await expectRefused(server, requests)
  })

  it('T12: is rejected two minutes later if the keys come from JWKS_FILE', async () => {
    const [old, current] = [await keyPair('old'), await keyPair('current')]
    const folder = await mkdtemp(join(tmpdir(), 'tidegate-jwks-'))
    try {
      const jwksFile = join(folder, 'jwks.json')
      await writeFile(jwksFile, JSON.stringify({ keys: [old.jwk, current.jwk] }))
      await using server = await startWith({ jwksFile })
      const requests = await warm(server, await tokenOf(old, 'u1'))
      await writeFile(jwksFile, JSON.stringify({ keys: [current.jwk] }))
      pass(WITHDRAWN_MS)
      await expectRefused(server, requests)
    } finally {
      await rm(folder, { recursive: true })
    }
  })
})
