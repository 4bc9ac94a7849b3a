import { gzipSync } from 'node:zlib'
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createApp } from '#src/app.ts'
import { readConfig } from '#src/config/config.ts'
import { toGlobalId } from '#src/gateway/contract/global-id.ts'
import { createLogger } from '#src/operations/telemetry/logger.ts'
import { tokenFor } from '../e2e/gateway.ts'
import { addCall, addMarket, createScratchDatabase, type Market, type ScratchDatabase } from '../modules/scratch-database.ts'
import { signedHeaders, TELEPHONY_KEY } from './signed-event.ts'

const SECOND_KEY = 'the older key of a carrier for tests, long enough'
const SECRET = 'end-to-end-jwt-secret-of-enough-length'

let scratch: ScratchDatabase
let market: Market
let app: Awaited<ReturnType<typeof createApp>>
let url: string
let ids = 0

async function startApp(env: Readonly<Record<string, string>> = {}) {
  const config = readConfig({
    NODE_ENV: 'test',
    PORT: '0',
    DATABASE_URL: scratch.url,
    JWT_SECRET: SECRET,
    CACHE_SECRET: SECRET,
    CALLER_HASH_KEY: SECRET,
    WARMING: 'off',
    HISTORY_DAYS: '0',
    TELEPHONY_KEYS: JSON.stringify({ acme: [TELEPHONY_KEY, SECOND_KEY], rival: [SECRET], gone: [SECRET] }),
    ...env,
  })
  return createApp({ config, database: scratch.handle, logger: createLogger('silent'), workers: undefined, explorerToken: undefined })
}

beforeAll(async () => {
  scratch = await createScratchDatabase()
  market = await addMarket(scratch.db, 'acme')
  await addMarket(scratch.db, 'rival')
  app = await startApp()
  url = await app.listen()
})
afterAll(async () => {
  await app?.close()
  await scratch?.drop()
})

const newId = () => `evt_${++ids}`
interface Sending {
  readonly id?: string
  readonly tenant?: string
  readonly seconds?: number
  readonly key?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly method?: string
  readonly sent?: string | Uint8Array<ArrayBuffer>
  readonly to?: string
}

/** Sends an event. @returns the status, the code or outcome, and the consistency token. */
async function send(event: object | string, { id = newId(), headers = {}, method = 'POST', sent, to = url, ...signing }: Sending = {}) {
  const body = typeof event === 'string' ? event : JSON.stringify(event)
  const all = { ...signedHeaders(body, { id, ...signing }), ...headers }
  const content = method === 'POST' ? { body: sent ?? body } : {}
  const response = await fetch(`${to}/telephony/events`, { method, headers: all, ...content })
  const answer = (await response.json()) as {
    outcome?: string
    reason?: string
    errors?: { message: string; extensions: { code: string } }[]
  }
  const { outcome, reason, errors } = answer
  return {
    status: response.status,
    code: outcome ?? errors?.[0]?.extensions.code,
    message: reason ?? errors?.[0]?.message,
    token: response.headers.get('consistency-token'),
    headers: response.headers,
  }
}
const newCall = async () => {
  const id = await addCall(scratch.db, market)
  return { id, callId: toGlobalId('Call', id) }
}
const callOf = (id: number) =>
  scratch.db
    .selectFrom('calls')
    .select(['status', 'durationSeconds', 'revenueMinor', 'version'])
    .where('id', '=', id)
    .executeTakeFirstOrThrow()
const bidOn = (callId: number, amountMinor: number) =>
  scratch.db
    .insertInto('bids')
    .values({
      tenantId: 'acme',
      callId,
      campaignId: market.campaignId,
      buyerId: market.buyerIds[0] ?? 0,
      amountMinor,
      expiresAt: '2999-01-01T00:00:00.000Z',
    })
    .execute()
const storedIds = async () => (await scratch.db.selectFrom('telephonyEvents').select('eventId').execute()).map(({ eventId }) => eventId)

describe('An event of a carrier', () => {
  it('connects a call, and settles it for the best bid when it ends.', async () => {
    const { id, callId } = await newCall()
    await bidOn(id, 700)
    expect(await send({ type: 'call.answered', callId })).toMatchObject({ status: 200, code: 'APPLIED' })
    expect((await callOf(id)).status).toBe('CONNECTED')
    expect(await send({ type: 'call.ended', callId, durationSeconds: 61 })).toMatchObject({ status: 200, code: 'APPLIED' })
    expect(await callOf(id)).toMatchObject({ status: 'SETTLED', durationSeconds: 61, revenueMinor: 700 })
  })

  it('that nobody answered the call sells it to nobody, not even to a buyer of calls of any length.', async () => {
    const { id, callId } = await newCall()
    await bidOn(id, 700)
    expect(await send({ type: 'call.missed', callId })).toMatchObject({ status: 200, code: 'APPLIED' })
    expect(await callOf(id)).toMatchObject({ status: 'MISSED', durationSeconds: 0, revenueMinor: 0 })
    expect(await scratch.db.selectFrom('bids').select('status').where('callId', '=', id).execute()).toEqual([{ status: 'LOST' }])
  })

  it('is answered with a token, with which the next read sees the change.', async () => {
    const { callId } = await newCall()
    const read = async (token?: string | null) => {
      const headers = {
        'content-type': 'application/json',
        authorization: `Bearer ${await tokenFor({ tenant: 'acme', userId: '1', role: 'ADMIN' })}`,
        ...(token ? { 'consistency-token': token } : {}),
      }
      const response = await fetch(`${url}/graphql`, {
        method: 'POST',
        headers,
        body: JSON.stringify({ query: `{ call(id: "${callId}") { status } }` }),
      })
      return ((await response.json()) as { data: { call: { status: string } } }).data.call.status
    }
    expect(await read()).toBe('INCOMING')
    const id = newId()
    const first = await send({ type: 'call.answered', callId }, { id })
    expect(await read(first.token)).toBe('CONNECTED')
    const again = await send({ type: 'call.answered', callId }, { id })
    expect(again).toMatchObject({ status: 200, code: 'DUPLICATE', token: expect.any(String) })
    expect(await read(again.token)).toBe('CONNECTED')
  })

  it('is applied once, however often and however concurrently it arrives, and the log names its cause.', async () => {
    const { id, callId } = await newCall()
    const eventId = newId()
    const answers = await Promise.all(
      Array.from({ length: 8 }, () => send({ type: 'call.ended', callId, durationSeconds: 5 }, { id: eventId })),
    )
    expect(answers.map(({ code }) => code).toSorted()).toEqual(['APPLIED', ...Array(7).fill('DUPLICATE')])
    expect(await callOf(id)).toMatchObject({ version: 2 })
    const { rows } = await sql<{ causes: string }>`select coalesce(json_agg(log), '[]')::text as causes from cache.log`.execute(scratch.db)
    expect(rows[0]?.causes).toContain('program telephony')
  })

  it('that comes too late is ignored with the reason, and its id is used up.', async () => {
    const { callId } = await newCall()
    await send({ type: 'call.missed', callId })
    for (const event of [{ type: 'call.answered' }, { type: 'call.missed' }, { type: 'call.ended', durationSeconds: 1 }]) {
      const id = newId()
      expect(await send({ ...event, callId }, { id })).toMatchObject({
        status: 200,
        code: 'IGNORED',
        message: expect.stringContaining('MISSED'),
      })
      expect(await send({ ...event, callId }, { id })).toMatchObject({ status: 200, code: 'DUPLICATE' })
    }
  })

  it('about a call that the tenant does not have is refused, and its id can be used again.', async () => {
    const { callId } = await newCall()
    const id = newId()
    expect(await send({ type: 'call.answered', callId }, { id, tenant: 'rival', key: SECRET })).toMatchObject({
      status: 404,
      code: 'NOT_FOUND',
    })
    expect(await send({ type: 'call.answered', callId: toGlobalId('Campaign', 1) }, { id })).toMatchObject({
      status: 404,
      code: 'NOT_FOUND',
    })
    expect(await send({ type: 'call.answered', callId }, { id })).toMatchObject({ status: 200, code: 'APPLIED' })
  })

  it('is refused if the tenant of its key is not in the database.', async () => {
    const { callId } = await newCall()
    const { status, code } = await send({ type: 'call.answered', callId }, { tenant: 'gone', key: SECRET })
    expect([status, code]).toEqual([404, 'NOT_FOUND'])
  })

  it('is forgotten after seven days, which is longer than its timestamp is accepted.', async () => {
    const old = await sql<{ eventId: string }>`insert into telephony_events (tenant_id, event_id, received_at)
      select 'acme', 'old' || n, now() - interval '7 days 1 minute' from generate_series(1, 30) as n returning event_id`.execute(scratch.db)
    await sql`insert into telephony_events (tenant_id, event_id, received_at) values ('acme', 'young', now() - interval '6 days 23 hours')`.execute(
      scratch.db,
    )
    for (let round = 0; round < 2; round++) await send({ type: 'call.answered', callId: (await newCall()).callId })
    const kept = await storedIds()
    expect(kept.filter((id) => old.rows.some(({ eventId }) => eventId === id))).toEqual([])
    expect(kept).toContain('young')
  })
})

describe('T31: a forged, changed or repeated event', () => {
  it.each<[string, number, string, (callId: string) => Promise<{ status: number; code: string | undefined }>]>([
    ['is signed with another key', 401, 'UNAUTHENTICATED', (callId) => send({ type: 'call.missed', callId }, { key: 'x'.repeat(40) })],
    [
      'is signed with the key of another tenant',
      401,
      'UNAUTHENTICATED',
      (callId) => send({ type: 'call.missed', callId }, { key: SECRET }),
    ],
    ['names a tenant without a key', 401, 'UNAUTHENTICATED', (callId) => send({ type: 'call.missed', callId }, { tenant: 'nobody' })],
    ['names __proto__ as its tenant', 401, 'UNAUTHENTICATED', (callId) => send({ type: 'call.missed', callId }, { tenant: '__proto__' })],
    [
      'has another body',
      401,
      'UNAUTHENTICATED',
      (callId) => send({ type: 'call.answered', callId }, { sent: JSON.stringify({ type: 'call.missed', callId }) }),
    ],
    ['has another id', 401, 'UNAUTHENTICATED', (callId) => send({ type: 'call.missed', callId }, { headers: { 'webhook-id': newId() } })],
    [
      'is older than five minutes',
      401,
      'UNAUTHENTICATED',
      (callId) => send({ type: 'call.missed', callId }, { seconds: Math.floor(Date.now() / 1000) - 302 }),
    ],
    [
      'is more than five minutes ahead',
      401,
      'UNAUTHENTICATED',
      (callId) => send({ type: 'call.missed', callId }, { seconds: Math.floor(Date.now() / 1000) + 303 }),
    ],
    [
      'has a newer timestamp than was signed',
      401,
      'UNAUTHENTICATED',
      (callId) =>
        send({ type: 'call.missed', callId }, { seconds: 1, headers: { 'webhook-timestamp': String(Math.floor(Date.now() / 1000)) } }),
    ],
    [
      'has no signature of version 1',
      400,
      'BAD_REQUEST',
      (callId) => send({ type: 'call.missed', callId }, { headers: { 'webhook-signature': 'v2,abc' } }),
    ],
    [
      'has half a signature',
      401,
      'UNAUTHENTICATED',
      (callId) => send({ type: 'call.missed', callId }, { headers: { 'webhook-signature': 'v1,abc' } }),
    ],
  ])('T31: changes nothing if it %s.', async (_, status, code, sendEvent) => {
    const { id, callId } = await newCall()
    const before = await storedIds()
    expect(await sendEvent(callId)).toMatchObject({ status, code })
    expect(await callOf(id)).toMatchObject({ status: 'INCOMING', version: 1 })
    expect(await storedIds()).toEqual(before)
  })

  it('T31: is accepted under the second key, and among several signatures, so that a key can be replaced.', async () => {
    const { callId } = await newCall()
    const event = { type: 'call.answered', callId }
    expect(await send(event, { key: SECOND_KEY })).toMatchObject({ status: 200 })
    const id = newId()
    const right = signedHeaders(JSON.stringify(event), { id })['webhook-signature']
    const signature = `v1,${Buffer.alloc(32).toString('base64')} v2,x ${right}`
    expect(await send(event, { id, headers: { 'webhook-signature': signature } })).toMatchObject({ status: 200 })
  })
})

describe('A wrong event', () => {
  const call = toGlobalId('Call', 1)
  it.each<[string, number, string, object | string, Sending]>([
    ['no JSON', 400, 'BAD_REQUEST', '{', {}],
    ['a list', 400, 'BAD_REQUEST', '[]', {}],
    ['null', 400, 'BAD_REQUEST', 'null', {}],
    ['an empty object', 400, 'BAD_USER_INPUT', {}, {}],
    ['an unknown type', 400, 'BAD_USER_INPUT', { type: 'call.transferred', callId: call }, {}],
    ['no id of a call', 400, 'BAD_USER_INPUT', { type: 'call.answered', callId: 17 }, {}],
    ['a number as the id', 400, 'BAD_USER_INPUT', { type: 'call.answered', callId: '+12125550123' }, {}],
    ['no duration', 400, 'BAD_USER_INPUT', { type: 'call.ended', callId: call }, {}],
    ['half a second', 400, 'BAD_USER_INPUT', { type: 'call.ended', callId: call, durationSeconds: 0.5 }, {}],
    ['a negative duration', 400, 'BAD_USER_INPUT', { type: 'call.ended', callId: call, durationSeconds: -1 }, {}],
    ['a duration of more than a day', 400, 'BAD_USER_INPUT', { type: 'call.ended', callId: call, durationSeconds: 86_401 }, {}],
    ['__proto__ as a key', 400, 'BAD_USER_INPUT', '{"__proto__": {"type": "call.answered"}}', {}],
    ['a nesting of 10,000 levels', 400, 'BAD_REQUEST', '['.repeat(10_000), {}],
    ['a body of more than 64 KB', 413, 'PAYLOAD_TOO_LARGE', { type: 'x'.repeat(70_000) }, {}],
    [
      'a small gzip body that expands to more than 64 KB',
      413,
      'PAYLOAD_TOO_LARGE',
      {},
      { sent: Uint8Array.from(gzipSync(' '.repeat(10_000_000))), headers: { 'content-encoding': 'gzip' } },
    ],
    ['a body of text', 415, 'UNSUPPORTED_MEDIA_TYPE', {}, { headers: { 'content-type': 'text/plain' } }],
    ['another coding', 415, 'UNSUPPORTED_MEDIA_TYPE', {}, { headers: { 'content-encoding': 'br' } }],
    ['GET', 405, 'METHOD_NOT_ALLOWED', {}, { method: 'GET' }],
    ['an id of 201 characters', 400, 'BAD_REQUEST', {}, { id: 'x'.repeat(201) }],
    ['a timestamp that is no number', 400, 'BAD_REQUEST', {}, { headers: { 'webhook-timestamp': 'now' } }],
  ])('with %s is refused with status %i and %s, and the message repeats nothing of it.', async (_, status, code, event, sending) => {
    const answer = await send(event, sending)
    expect([answer.status, answer.code]).toEqual([status, code])
    expect(answer.message).not.toMatch(/5550123|transferred/)
  })

  it('is refused if a header is missing, and the message names the header.', async () => {
    for (const name of ['telephony-tenant', 'webhook-id', 'webhook-timestamp', 'webhook-signature']) {
      const headers = signedHeaders('{}')
      delete headers[name]
      const response = await fetch(`${url}/telephony/events`, { method: 'POST', headers, body: '{}' })
      expect([response.status, await response.text()]).toEqual([400, expect.stringContaining(name)])
    }
  })
})

describe('The rate of events', () => {
  it('counts against the tenant of the carrier, and against the address if the signature is wrong.', async () => {
    const limited = await startApp({ RATE_LIMIT_CALLER: '3' })
    try {
      const to = await limited.listen()
      const wrong = async () => (await send({}, { to, key: 'x'.repeat(40) })).status
      const right = async () => (await send({}, { to })).status
      const all: number[] = []
      for (const ask of [wrong, wrong, wrong, wrong, right, right, right, right]) all.push(await ask())
      expect(all).toEqual([401, 401, 401, 429, 400, 400, 400, 429])
      expect((await send({}, { to })).headers.get('retry-after')).toMatch(/^\d+$/)
    } finally {
      await limited.close()
    }
  })
})
