import { createHmac } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { exportJWK, exportSPKI, generateKeyPair, type JWTHeaderParameters, type JWTPayload, SignJWT } from 'jose'
import { describe, expect, it, onTestFinished } from 'vitest'
import { createAuthentication } from '#src/gateway/identity/authentication.ts'
import { allGood } from './standing.ts'

const SECRET = 'a-secret-that-is-long-enough-for-hs256'
const PREVIOUS = 'an-older-secret-that-is-long-enough-too'
const NOW = 1_800_000_000_000
const claims = { sub: '7', tenant: 'acme', role: 'EDITOR', iss: 'tidegate', aud: 'tidegate', iat: NOW / 1000, exp: NOW / 1000 + 60 }
const common = { issuer: 'tidegate', audience: 'tidegate', jwksFile: undefined, jwksUrl: undefined, leewayMs: 0, standingOf: allGood }

const sign = (payload: JWTPayload, secret = SECRET) =>
  new SignJWT(payload).setProtectedHeader({ alg: 'HS256' }).sign(new TextEncoder().encode(secret))
const without = (name: keyof typeof claims) => Object.fromEntries(Object.entries(claims).filter(([claim]) => claim !== name))
const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')

describe('an access token that was signed with a secret', () => {
  it('identifies the caller if it was signed with the current or the previous secret', async () => {
    const { authenticate } = await createAuthentication({ ...common, secrets: [SECRET, PREVIOUS], now: () => NOW })
    for (const secret of [SECRET, PREVIOUS]) {
      expect(await authenticate(`Bearer ${await sign(claims, secret)}`)).toEqual({ tenant: 'acme', userId: '7', role: 'EDITOR' })
    }
  })

  it('is optional: a request without an access token is anonymous', async () => {
    const { authenticate } = await createAuthentication({ ...common, secrets: [SECRET], now: () => NOW })
    expect(await authenticate(undefined)).toBeNull()
  })

  it.each<[string, () => string | Promise<string>]>([
    ['no signature (alg none)', () => `${encode({ alg: 'none' })}.${encode(claims)}.`],
    ['a signature with another secret', () => sign(claims, 'somebody-elses-secret-of-some-length')],
    [
      'a signature with another algorithm',
      () => new SignJWT(claims).setProtectedHeader({ alg: 'HS512' }).sign(new TextEncoder().encode(SECRET.repeat(2))),
    ],
    [
      'claims that were changed after signing',
      async () => (await sign(claims)).replace(/\.[^.]+\./, `.${encode({ ...claims, tenant: 'other' })}.`),
    ],
    ['no expiry', () => sign(without('exp'))],
    ['an expiry in the past', () => sign({ ...claims, exp: NOW / 1000 - 1 })],
    ['a start of validity in the future', () => sign({ ...claims, nbf: NOW / 1000 + 60 })],
    ['a time of issue in the future', () => sign({ ...claims, iat: NOW / 1000 + 60 })],
    ['an id with control characters', () => sign({ ...claims, jti: 'a\r\nb' })],
    ['no subject', () => sign(without('sub'))],
    ['no tenant', () => sign(without('tenant'))],
    ['no role', () => sign(without('role'))],
    ['no issuer', () => sign(without('iss'))],
    ['another issuer', () => sign({ ...claims, iss: 'elsewhere' })],
    ['no audience', () => sign(without('aud'))],
    ['another audience', () => sign({ ...claims, aud: 'elsewhere' })],
    ['the reserved tenant', () => sign({ ...claims, tenant: 'public' })],
    ['a tenant that contains a separator of cache keys', () => sign({ ...claims, tenant: 'acme:Campaign' })],
    ['a tenant that is not a string', () => sign({ ...claims, tenant: ['acme'] })],
    ['an unknown role', () => sign({ ...claims, role: 'ROOT' })],
    ['a line break in the subject', () => sign({ ...claims, sub: '7\r\nx' })],
    ['an unknown critical extension', () => handmade({ alg: 'HS256', crit: ['theirs'], theirs: 1 }, SECRET)],
    [
      'a key id (kid) that is an injection attempt',
      () =>
        new SignJWT(claims)
          .setProtectedHeader({ alg: 'HS256', kid: "../../dev/null' or 1=1" })
          .sign(new TextEncoder().encode(''.padEnd(32, 'x'))),
    ],
    [
      'a key of its own in the header (jwk)',
      async () => {
        const { publicKey, privateKey } = await generateKeyPair('RS256')
        return new SignJWT(claims).setProtectedHeader({ alg: 'RS256', jwk: await exportJWK(publicKey) }).sign(privateKey)
      },
    ],
    ['no token', () => 'nonsense'],
    ['a token that is too long', () => 'x'.repeat(10_000)],
  ])('is rejected with 401 when it has %s', async (_, token) => {
    const { authenticate } = await createAuthentication({ ...common, secrets: [SECRET], now: () => NOW })
    await expect(authenticate(`Bearer ${await token()}`)).rejects.toMatchObject({
      name: 'GatewayError',
      code: 'UNAUTHENTICATED',
      status: 401,
    })
  })

  it('is rejected if the Authorization header does not have the form `Bearer token`', async () => {
    const { authenticate } = await createAuthentication({ ...common, secrets: [SECRET], now: () => NOW })
    for (const header of ['', 'Basic abc', `Token ${await sign(claims)}`, 'Bearer', 'Bearer a b']) {
      await expect(authenticate(header), header).rejects.toMatchObject({ code: 'UNAUTHENTICATED' })
    }
  })

  it('is verified once and then cached until it expires', async () => {
    let now = NOW
    const { authenticate } = await createAuthentication({ ...common, secrets: [SECRET], now: () => now })
    const header = `Bearer ${await sign(claims)}`
    expect(await authenticate(header)).toBe(await authenticate(header))
    now += 60_000
    await expect(authenticate(header)).rejects.toMatchObject({ code: 'UNAUTHENTICATED' })
  })
})

describe('clock skew between the token issuer and the gateway', () => {
  const leewayMs = 5000
  it.each<[string, (seconds: number) => JWTPayload]>([
    ['the expiry', (seconds) => ({ ...claims, exp: NOW / 1000 - seconds })],
    ['the start of validity', (seconds) => ({ ...claims, nbf: NOW / 1000 + seconds })],
    ['the time of issue', (seconds) => ({ ...claims, iat: NOW / 1000 + seconds })],
  ])('is tolerated up to the configured leeway, and no further, for %s of an access token', async (_, payload) => {
    const { authenticate } = await createAuthentication({ ...common, leewayMs, secrets: [SECRET], now: () => NOW })
    expect(await authenticate(`Bearer ${await sign(payload(4))}`)).toMatchObject({ userId: '7' })
    await expect(authenticate(`Bearer ${await sign(payload(6))}`)).rejects.toMatchObject({ code: 'UNAUTHENTICATED' })
  })

  it('does not keep an access token valid beyond its expiry plus the leeway', async () => {
    let now = NOW
    const { authenticate, remembered } = await createAuthentication({ ...common, leewayMs, secrets: [SECRET], now: () => now })
    const header = `Bearer ${await sign({ ...claims, exp: NOW / 1000 + 1 })}`
    const principal = await authenticate(header)
    now += 1000 + leewayMs - 1
    const caller = remembered(header)
    expect(caller?.principal()).toBe(principal)
    now += 1
    expect([caller?.principal(), remembered(header)]).toEqual([undefined, undefined])
  })
})

describe('the cache of verified access tokens', () => {
  it('keeps the token of one user while another user sends hundreds of long tokens', async () => {
    const { authenticate, remembered } = await createAuthentication({ ...common, memoryBytes: 100_000, secrets: [SECRET], now: () => NOW })
    const own = `Bearer ${await sign(claims)}`
    const principal = await authenticate(own)
    const others: string[] = []
    for (let number = 0; number < 100; number++)
      others.push(`Bearer ${await sign({ ...claims, sub: '8', jti: `${number}`, note: 'x'.repeat(2000) })}`)
    for (const header of others) await authenticate(header)
    expect(remembered(own)?.principal()).toBe(principal)
    expect(others.filter((header) => remembered(header) !== undefined).length).toBeLessThan(15)
  })
})

describe('an access token that was signed with a private key', () => {
  it.each(['RS256', 'PS256', 'ES256', 'EdDSA'])('is verified with a %s public key from a file or from a URL', async (alg) => {
    const { publicKey, privateKey } = await generateKeyPair(alg, { extractable: true })
    const attacker = await generateKeyPair(alg, { extractable: true })
    const theirs = { ...(await exportJWK(attacker.publicKey)), kid: 'theirs', alg, use: 'sig' }
    let stolen = 0
    await using good = await serve({ keys: [{ ...(await exportJWK(publicKey)), kid: 'one', alg, use: 'sig' }] })
    await using bad = await serve({ keys: [theirs] }, () => stolen++)
    const folder = await mkdtemp(join(tmpdir(), 'tidegate-jwks-'))
    onTestFinished(() => rm(folder, { recursive: true }))
    const jwksFile = join(folder, 'jwks.json')
    await writeFile(jwksFile, JSON.stringify(good.set))
    const forge = (header: object) =>
      new SignJWT(claims).setProtectedHeader({ alg, ...header } as JWTHeaderParameters).sign(attacker.privateKey)
    const forged: Record<string, string> = {
      'the public key as a secret': confuse(await exportSPKI(publicKey)),
      'the public key as a secret, as JWK': confuse(JSON.stringify(await exportJWK(publicKey))),
      'a secret': await sign(claims),
      'no signature': `${encode({ alg: 'none', kid: 'one' })}.${encode(claims)}.`,
      'no signature, in other letters': `${encode({ alg: 'nOnE', kid: 'one' })}.${encode(claims)}.`,
      'an empty signature': `${encode({ alg, kid: 'one' })}.${encode(claims)}.`,
      'another key of that name': await forge({ kid: 'one' }),
      'a key without a name': await forge({}),
      'a key by its address (jku)': await forge({ kid: 'theirs', jku: bad.url }),
      'a key by its address (x5u)': await forge({ kid: 'theirs', x5u: bad.url }),
      'a key of its own (jwk)': await forge({ jwk: theirs }),
      'a path for a key id': await forge({ kid: '../../../../dev/null' }),
      'SQL for a key id': await forge({ kid: "one' union select 'key" }),
      'a name that objects have for a key id': await forge({ kid: '__proto__' }),
    }
    const token = await new SignJWT(claims).setProtectedHeader({ alg, kid: 'one' }).sign(privateKey)
    for (const source of [{ jwksFile }, { jwksUrl: good.url }]) {
      const { authenticate } = await createAuthentication({ ...common, ...source, secrets: [], now: () => NOW })
      expect(await authenticate(`Bearer ${token}`)).toEqual({ tenant: 'acme', userId: '7', role: 'EDITOR' })
      for (const [name, text] of Object.entries(forged))
        await expect(authenticate(`Bearer ${text}`), name).rejects.toMatchObject({ code: 'UNAUTHENTICATED' })
    }
    expect(stolen).toBe(0)
  })

  it('cannot be verified if the key set cannot be read: the gateway then fails at start', async () => {
    await expect(createAuthentication({ ...common, jwksFile: '/nowhere/jwks.json', secrets: [], now: () => NOW })).rejects.toMatchObject({
      code: 'CONFIGURATION',
    })
  })
})

/** Serves a key set over HTTP. */
async function serve(set: object, onRequest: () => void = () => undefined) {
  const server = createServer((_, response) => {
    onRequest()
    response.setHeader('content-type', 'application/json').end(JSON.stringify(set))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    set,
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/jwks`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

/** Signs a token with the public key as an HMAC secret: the classic algorithm confusion attack. */
function confuse(publicKey: string): string {
  return handmade({ alg: 'HS256', kid: 'one' }, publicKey)
}

function handmade(header: object, secret: string): string {
  const content = `${encode(header)}.${encode(claims)}`
  return `${content}.${createHmac('sha256', secret).update(content).digest('base64url')}`
}
