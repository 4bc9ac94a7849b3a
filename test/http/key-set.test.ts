import { rename, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { exportJWK, generateKeyPair, type JWK, SignJWT } from 'jose'
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { createAuthentication } from '#src/gateway/identity/authentication.ts'
import { KeySet, openKeyAddress } from '#src/gateway/identity/key-set.ts'
import { temporaryFolder } from '../servers/temporary-folder.ts'
import { allGood } from './standing.ts'

const MINUTE_MS = 60_000
const DAY_MS = 24 * 60 * MINUTE_MS
const UNAVAILABLE = { name: 'GatewayError', code: 'UNAVAILABLE', status: 503 }
const UNKNOWN = { code: 'ERR_JWKS_NO_MATCHING_KEY' }
const TOKEN = { payload: '', signature: '' }

let one: JWK
let two: JWK

beforeAll(async () => {
  const make = async (kid: string) => ({ ...(await exportJWK((await generateKeyPair('ES256')).publicKey)), kid, alg: 'ES256', use: 'sig' })
  ;[one, two] = await Promise.all([make('one'), make('two')])
})

/** Starts a key server whose keys a test can change, and a clock that a test can advance. */
function start() {
  let published: unknown = { keys: [one] }
  let now = 0
  let reads = 0
  const read = async () => {
    reads++
    if (published instanceof Error) throw published
    return published
  }
  const keys = new KeySet({ read, now: () => now })
  return {
    ask: async (kid: string) => keys.keyOf({ alg: 'ES256', kid }, TOKEN),
    publish: (set: unknown) => {
      published = set
    },
    leave: () => {
      published = new Error('connect ECONNREFUSED')
    },
    pass: (ms: number) => {
      now += ms
    },
    reads: () => reads,
  }
}

describe('public keys (a JWKS) that verify access tokens', () => {
  it('are fetched again after a minute, and a key that is no longer published is then unknown', async () => {
    const { ask, publish, pass, reads } = start()
    await ask('one')
    publish({ keys: [two] })
    pass(MINUTE_MS - 1)
    await ask('one')
    expect(reads()).toBe(1)
    pass(1)
    await expect(ask('one')).rejects.toMatchObject(UNKNOWN)
    await ask('two')
  })

  it('are fetched immediately if an access token names a new key', async () => {
    const { ask, publish, pass } = start()
    await ask('one')
    publish({ keys: [one, two] })
    pass(5000)
    await ask('two')
  })

  it('stay in use while the key server is unavailable, and a token with an unknown key then gets 503', async () => {
    const { ask, leave, publish, pass } = start()
    await ask('one')
    leave()
    for (let minutes = 0; minutes < 5; minutes++) {
      pass(MINUTE_MS)
      await ask('one')
      await expect(ask('two')).rejects.toMatchObject(UNAVAILABLE)
    }
    publish({ keys: [one, two] })
    pass(5000)
    await expect.poll(() => ask('two').catch(() => undefined)).toBeDefined()
  })

  it.each<[string, unknown]>([
    ['is not a key set', { error: 'maintenance' }],
    ['is not a JSON object', 'maintenance'],
    ['has keys that are not objects', { keys: ['one'] }],
  ])('stay in use if the published document %s', async (_, published) => {
    const { ask, publish, pass } = start()
    await ask('one')
    publish(published)
    pass(MINUTE_MS)
    await ask('one')
    await expect(ask('two')).rejects.toMatchObject(UNAVAILABLE)
  })

  it('are no longer used if the key server is unavailable for a day', async () => {
    const { ask, leave, pass } = start()
    await ask('one')
    leave()
    pass(DAY_MS)
    await expect(ask('one')).rejects.toMatchObject(UNAVAILABLE)
  })

  it('cause a 503 if they could never be fetched', async () => {
    const { ask, leave } = start()
    leave()
    await expect(ask('one')).rejects.toMatchObject(UNAVAILABLE)
  })

  it('are fetched at most once in five seconds, even if many access tokens name unknown keys', async () => {
    const { ask, pass, reads } = start()
    await ask('one')
    pass(5000)
    for (let round = 0; round < 3; round++) {
      await Promise.allSettled(Array.from({ length: 50 }, (_, index) => ask(`made up ${round} ${index}`)))
      expect(reads()).toBe(2 + round)
      pass(5000)
    }
  })

  it.each([[500], [302], [404], [204]])('are not read from a response with status %i', async (status) => {
    const server = createServer((_, response) => response.writeHead(status, { location: '/elsewhere' }).end())
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    onTestFinished(() => void server.close().closeAllConnections())
    const keys = openKeyAddress(`http://127.0.0.1:${(server.address() as AddressInfo).port}/jwks`, () => 0)
    await expect(Promise.resolve(keys.keyOf({ alg: 'ES256', kid: 'one' }, TOKEN))).rejects.toMatchObject(UNAVAILABLE)
  })

  it('are requested with the header fields that name the trace', async () => {
    let received: string | undefined
    const server = createServer(({ headers }, response) => {
      received = String(headers['traceparent'])
      response.end('{"keys":[]}')
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    onTestFinished(() => void server.close().closeAllConnections())
    const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01'
    await openKeyAddress(
      `http://127.0.0.1:${(server.address() as AddressInfo).port}/jwks`,
      () => 0,
      () => ({ traceparent }),
    ).load()
    expect(received).toBe(traceparent)
  })
})

describe('an access token without a key id', () => {
  it('is verified with each of several keys in turn', async () => {
    const pairs = await Promise.all([generateKeyPair('EdDSA'), generateKeyPair('EdDSA')])
    const published = JSON.stringify({ keys: await Promise.all(pairs.map(({ publicKey }) => exportJWK(publicKey))) })
    const server = createServer((_, response) => response.end(published))
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    onTestFinished(() => void server.close().closeAllConnections())
    const jwksUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/jwks`
    const terms = { issuer: 'tidegate', audience: 'tidegate', secrets: [], jwksFile: undefined, jwksUrl, leewayMs: 0, now: Date.now }
    const { authenticate } = await createAuthentication({ ...terms, standingOf: allGood })
    const sign = (key: (typeof pairs)[0]['privateKey']) =>
      new SignJWT({ tenant: 'acme', role: 'VIEWER', sub: '7', iss: 'tidegate', aud: 'tidegate' })
        .setProtectedHeader({ alg: 'EdDSA' })
        .setExpirationTime('1h')
        .sign(key)
    for (const { privateKey } of pairs) expect(await authenticate(`Bearer ${await sign(privateKey)}`)).toMatchObject({ userId: '7' })
    const { privateKey } = await generateKeyPair('EdDSA')
    await expect(authenticate(`Bearer ${await sign(privateKey)}`)).rejects.toMatchObject({ code: 'UNAUTHENTICATED' })
  })
})

/** Publishes keys at an address. Returns the setting that names it, and a function that publishes other keys. */
async function publishAtAddress() {
  let published = ''
  const server = createServer((_, response) => response.end(published))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close().closeAllConnections())
  const publish = async (keys: readonly JWK[]) => {
    published = JSON.stringify({ keys })
  }
  return { setting: { jwksUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}/jwks`, jwksFile: undefined }, publish }
}

/** Publishes keys in a file, which is replaced in one step. */
async function publishInFile() {
  const folder = await temporaryFolder('keys')
  onTestFinished(() => folder.remove())
  const file = join(folder.path, 'keys.json')
  const publish = async (keys: readonly JWK[]) => {
    await writeFile(`${file}.new`, JSON.stringify({ keys }))
    await rename(`${file}.new`, file)
  }
  return { setting: { jwksUrl: undefined, jwksFile: file }, publish }
}

describe('public keys that are replaced while the gateway runs, as docs/operations/secrets.md says', () => {
  it.each([
    ['JWKS_URL', publishAtAddress],
    ['JWKS_FILE', publishInFile],
  ])('are taken from %s without a restart: no token of a published key is refused, and one of a removed key is, a minute later', async (_, open) => {
    const { setting, publish } = await open()
    const begun = Date.now()
    let passed = 0
    const make = async (kid: string) => {
      const { publicKey, privateKey } = await generateKeyPair('EdDSA')
      let issued = 0
      const token = () =>
        new SignJWT({ tenant: 'acme', role: 'VIEWER', sub: '7', iss: 'tidegate', aud: 'tidegate' })
          .setProtectedHeader({ alg: 'EdDSA', kid })
          .setJti(`${kid}-${issued++}`)
          .setExpirationTime(Math.floor(begun / 1000) + 3600)
          .sign(privateKey)
      return { published: { ...(await exportJWK(publicKey)), kid }, token }
    }
    const [old, next] = await Promise.all([make('old'), make('next')])
    await publish([old.published])
    const terms = { issuer: 'tidegate', audience: 'tidegate', secrets: [], leewayMs: 0, now: () => begun + passed, standingOf: allGood }
    const { authenticate } = await createAuthentication({ ...terms, ...setting })
    const isAccepted = async (token: string) =>
      authenticate(`Bearer ${token}`).then(
        () => true,
        ({ code }) => code,
      )
    const early = await old.token()
    expect(await isAccepted(early)).toBe(true)

    await publish([old.published, next.published])
    passed += 5000
    expect([await isAccepted(await next.token()), await isAccepted(await old.token())]).toEqual([true, true])

    await publish([next.published])
    passed += MINUTE_MS
    expect([await isAccepted(await next.token()), await isAccepted(await old.token())]).toEqual([true, 'UNAUTHENTICATED'])
    expect(await isAccepted(early)).toBe('UNAUTHENTICATED')
  })
})
