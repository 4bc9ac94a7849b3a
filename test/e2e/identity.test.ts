import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Principal } from '#src/gateway/identity/principal.ts'
import { compileCache } from '../servers/compile-cache.ts'
import { createDatabase, type TestDatabase } from '../servers/database.ts'
import { admin, type Gateway, startGateway, tokenFor } from './gateway.ts'

const BOUND_MS = 1000
const QUERY = '{ campaigns(first: 1) { nodes { id } } }'
const REVENUE = '{ calls(first: 1) { nodes { revenue { amount } } } }'

let database: TestDatabase
let gateways: readonly Gateway[]

beforeAll(async () => {
  database = await createDatabase({ seed: true })
  const env = { DATABASE_URL: database.url }
  gateways = await Promise.all([startGateway(env), startGateway(env)])
})

afterAll(async () => {
  await Promise.all((gateways ?? []).map((gateway) => gateway.stop()))
  await database?.drop()
})

interface Reply {
  readonly status: number
  readonly code: string | undefined
  readonly message: string | undefined
  readonly tag: string
  readonly hit: string | null
}

async function get({ url }: Gateway, authorization: string, query: string, tag?: string): Promise<Reply> {
  const headers = { 'apollo-require-preflight': 'true', authorization, ...(tag === undefined ? {} : { 'if-none-match': tag }) }
  const response = await fetch(`${url}/graphql?${new URLSearchParams({ query })}`, { headers })
  const text = await response.text()
  const [error] = text === '' ? [] : ((JSON.parse(text) as { errors?: { message: string; extensions: { code: string } }[] }).errors ?? [])
  const { headers: given, status } = response
  return { status, code: error?.extensions.code, message: error?.message, tag: given.get('etag') ?? '', hit: given.get('x-cache') }
}

/** Sends the request until both gateways serve the response from their caches, with status 200 and with status 304. */
async function warm(authorization: string, query = QUERY): Promise<string> {
  let tag = ''
  for (const gateway of gateways) {
    for (let asked = 0; asked < 4; asked++) {
      const reply = await get(gateway, authorization, query)
      expect(reply).toMatchObject({ status: 200, code: undefined })
      tag = reply.tag
    }
    expect(await get(gateway, authorization, query)).toMatchObject({ hit: 'HIT' })
    expect(await get(gateway, authorization, query, tag)).toMatchObject({ status: 304 })
  }
  return tag
}

/**
 * Sends requests to both gateways repeatedly. Each request that is sent after the staleness bound must have the
 * expected outcome, with and without If-None-Match.
 */
async function expectWithinBound(authorization: string, tag: string, expected: Partial<Reply>, query = QUERY): Promise<void> {
  const changedAt = performance.now()
  for (const gateway of gateways) {
    for (const asked of [undefined, tag]) {
      for (;;) {
        const sentAt = performance.now()
        const reply = await get(gateway, authorization, query, asked)
        if (reply.status === expected.status && reply.code === expected.code) {
          expect(reply).toMatchObject(expected)
          break
        }
        expect(sentAt - changedAt, JSON.stringify(reply)).toBeLessThan(BOUND_MS)
      }
    }
  }
}

const bearer = async (principal: Principal) => `Bearer ${await tokenFor(principal)}`
const idOf = (authorization: string): string =>
  (JSON.parse(Buffer.from(authorization.split('.')[1] ?? '', 'base64url').toString()) as { jti: string }).jti
const revoke = (...args: string[]) =>
  promisify(execFile)(process.execPath, [join(import.meta.dirname, '../../scripts/revoke.ts'), ...args], {
    env: { PATH: process.env['PATH'], ...compileCache, DATABASE_URL: database.url },
  })
const createUser = async (role: Principal['role']): Promise<Principal> => {
  const [row] = await database.query(
    "insert into users (tenant_id, email, name, role) select 'acme', 'u' || count(*) || '@identity.example', 'New', $1 from users returning id",
    [role],
  )
  return { tenant: 'acme', userId: String(row?.['id']), role }
}

describe('one second after a change of access rights, two gateways no longer send a cached response', () => {
  it('to an access token that was revoked by its id, but not to another access token of the same user', async () => {
    const [authorization, other] = [await bearer(admin), await bearer(admin)]
    const tag = await warm(authorization)
    const { stdout } = await revoke('--token', idOf(authorization))
    await expectWithinBound(authorization, tag, { status: 401, code: 'UNAUTHENTICATED', message: 'The token was revoked: get a new one.' })
    expect(stdout).toBe(`Revoked the token ${idOf(authorization)}. Its row is kept until it is deleted by hand.\n`)
    for (const gateway of gateways) expect(await get(gateway, other, QUERY)).toMatchObject({ status: 200 })
  })

  it('to an access token that was revoked by its full text, and the stored row of this revocation contains the expiry of the token', async () => {
    const authorization = await bearer(admin)
    const tag = await warm(authorization)
    await revoke('--token', authorization.replace('Bearer ', ''))
    await expectWithinBound(authorization, tag, { status: 401, code: 'UNAUTHENTICATED' })
    const rows = await database.query('select expires_at > now() as "endsLater" from revoked_tokens where id = $1', [idOf(authorization)])
    expect(rows).toEqual([{ endsLater: true }])
  })

  it('to all access tokens of a user that were issued before their revocation', async () => {
    const principal = await createUser('VIEWER')
    const authorization = await bearer(principal)
    const tag = await warm(authorization)
    await revoke('--user', `acme/${principal.userId}`)
    await expectWithinBound(authorization, tag, { status: 401, code: 'UNAUTHENTICATED' })
    for (const gateway of gateways) expect(await get(gateway, await bearer(admin), QUERY)).toMatchObject({ status: 200 })
  })

  it('to a user who was deleted', async () => {
    const principal = await createUser('EDITOR')
    const authorization = await bearer(principal)
    const tag = await warm(authorization)
    await database.query('delete from users where id = $1', [principal.userId])
    const message = `The user ${principal.userId} of the token does not exist in the tenant acme.`
    await expectWithinBound(authorization, tag, { status: 401, code: 'UNAUTHENTICATED', message })
  })

  it('to a user whose role no longer allows the query, until the role allows it again', async () => {
    const principal = await createUser('ADMIN')
    const authorization = await bearer(principal)
    const tag = await warm(authorization, REVENUE)
    await database.query("update users set role = 'VIEWER' where id = $1", [principal.userId])
    await expectWithinBound(authorization, tag, { status: 200, code: 'FORBIDDEN' }, REVENUE)
    await database.query("update users set role = 'ADMIN' where id = $1", [principal.userId])
    await expectWithinBound(authorization, 'none', { status: 200, code: undefined }, REVENUE)
  })

  it('to all users of a tenant that was deleted', async () => {
    await database.query("insert into tenants (id, name, currency) values ('shortlived', 'Short-lived', 'USD')")
    const authorization = await bearer({ tenant: 'shortlived', userId: 'reports', role: 'VIEWER' })
    const tag = await warm(authorization)
    await database.query("delete from tenants where id = 'shortlived'")
    const message = 'The tenant shortlived of the token does not exist.'
    await expectWithinBound(authorization, tag, { status: 401, code: 'UNAUTHENTICATED', message })
  })
})

describe('an access token', () => {
  it('gives a user at most the role that is stored in the database, and a service account the role in the token', async () => {
    const [gateway] = gateways as [Gateway]
    const role = async (principal: Principal) => (await gateway.ask('{ viewer { role } }', { principal })).data?.['viewer'].role
    expect(await role({ ...(await createUser('VIEWER')), role: 'ADMIN' })).toBe('VIEWER')
    expect(await role({ tenant: 'acme', userId: '1', role: 'EDITOR' })).toBe('EDITOR')
    expect(await role({ tenant: 'acme', userId: 'robot', role: 'ADMIN' })).toBe('ADMIN')
  })

  it.each([
    ['a user of another tenant', { tenant: 'northstar', userId: '1', role: 'ADMIN' }],
    ['a user who never existed', { tenant: 'acme', userId: '987654321', role: 'VIEWER' }],
    ["a user's id in another spelling", { tenant: 'acme', userId: '01', role: 'VIEWER' }],
    ['a user id outside the range of ids', { tenant: 'acme', userId: '9'.repeat(40), role: 'VIEWER' }],
    ['a tenant that does not exist', { tenant: 'nowhere', userId: 'robot', role: 'ADMIN' }],
  ] as const)('is refused if it names %s', async (_, principal) => {
    const [gateway] = gateways as [Gateway]
    for (const query of [QUERY, '{ viewer { tenant { name } } }', '{ tlds(kind: GENERIC) { name } }'])
      expect(await get(gateway, await bearer(principal), query)).toMatchObject({ status: 401, code: 'UNAUTHENTICATED' })
  })
})
