import { createHash } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Redis } from 'ioredis'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { toGlobalId } from '#src/gateway/contract/global-id.ts'
import { importDncList } from '#src/market/import/dnc/import-dnc-list.ts'
import { openLines } from '#src/market/import/dnc/read-lines.ts'
import { problemLine } from '#src/market/import/problem.ts'
import { openMarketDatabase } from '#src/market/tables/database.ts'
import type { Observers } from '#src/operations/telemetry/create-observers.ts'
import { tokenFor } from '../e2e/gateway.ts'
import { dncHashes } from '../import/dnc-callers.ts'
import { addMarket, type Market } from '../modules/scratch-database.ts'
import { needs } from '../servers/availability.ts'
import { createDatabase, type TestDatabase } from '../servers/database.ts'
import { type RedisServer, startRedis } from '../servers/redis.ts'
import { type TemporaryFolder, temporaryFolder } from '../servers/temporary-folder.ts'
import { signedHeaders, TELEPHONY_KEY } from '../telephony/signed-event.ts'
import { type RecordedSpans, recordSpans, startTraced, type TracedGateway } from '../tracing/traced-gateway.ts'
import { formatsOf, placesOf, readRedis, readTables, type Searched } from './traces-of-numbers.ts'

const numbers: string[] = []
/** Returns a number that is sent once only. */
const newNumber = () => {
  const number = `+1646555${String(3000 + numbers.length)}`
  numbers.push(number)
  return number
}
const sha256Of = (number: string) => createHash('sha256').update(number).digest('hex')
const STATUS = 'query ($caller: String!) { callerStatus(caller: $caller) { consent isSuppressed dncLists { isListed } } }'
const mutation = (name: string, type: string) => `mutation ($input: ${type}!) { ${name}(input: $input) { errors { message } } }`

let database: TestDatabase
let redis: RedisServer
let client: Redis
let folder: TemporaryFolder
let spans: RecordedSpans
let market: Market
let handle: Awaited<ReturnType<typeof openMarketDatabase>>

beforeAll(async () => {
  ;[database, redis, folder] = await Promise.all([createDatabase(), startRedis(), temporaryFolder('canaries')])
  client = new Redis(redis.url)
  client.on('error', () => undefined)
  spans = recordSpans()
  handle = await openMarketDatabase({ url: database.url, poolSize: 3, statementTimeoutMs: 30_000, onError: () => undefined })
  market = await addMarket(handle.db, 'acme')
  await handle.db.updateTable('buyers').set({ priceMinor: 300 }).execute()
})
afterAll(async () => {
  await spans?.stop()
  client?.disconnect()
  await handle?.close()
  await redis?.stop()
  await folder?.remove()
  await database?.drop()
})

const startGateway = (change?: (observers: Observers) => Observers) =>
  startTraced({
    databaseUrl: database.url,
    redisUrl: redis.url,
    env: {
      METRICS: 'on',
      MANAGEMENT: 'on',
      CACHE_DEBUG: 'on',
      WARMING: 'on',
      TRACE_OPERATION_NAMES: 'on',
      CACHE_SHADOW_RATE: '1',
      CACHE_DEPENDENCY_CHECK_RATE: '1',
      TELEPHONY_KEYS: JSON.stringify({ acme: [TELEPHONY_KEY] }),
    },
    ...(change ? { change } : {}),
  })

async function headersOf(role: 'ADMIN' | 'OPERATOR'): Promise<Record<string, string>> {
  const token = await tokenFor({ tenant: 'acme', userId: '1', role })
  return { 'content-type': 'application/json', 'apollo-require-preflight': 'true', authorization: `Bearer ${token}` }
}

/** Sends numbers by GraphQL, in each way that a client could. @returns the codes of the answers. */
async function sendByGraphQL({ url }: TracedGateway): Promise<readonly string[]> {
  const headers = await headersOf('ADMIN')
  const answers: string[] = []
  const post = async (body: object | string) => {
    const text = typeof body === 'string' ? body : JSON.stringify(body)
    const response = await fetch(`${url}/graphql`, { method: 'POST', headers, body: text })
    answers.push(`${response.status} ${/"code":"(\w+)"/.exec(await response.text())?.[1] ?? 'OK'}`)
  }
  const send = (query: string, variables: object = {}, more: object = {}) => post({ query, variables, ...more })
  const consent = { source: 'form', evidence: 'certificate', givenAt: '2026-01-01T00:00:00Z' }
  const campaignId = toGlobalId('Campaign', market.campaignId)
  for (const caller of [newNumber(), sha256Of(newNumber())]) {
    // Each request is sent three times: the second time it is recognised, and its document is compiled.
    for (let time = 0; time < 3; time++) {
      await send(STATUS, { caller })
      await send(mutation('suppressCaller', 'SuppressCallerInput'), { input: { caller, scope: 'TENANT', source: 'page' } })
      await send(mutation('recordConsent', 'RecordConsentInput'), { input: { caller, ...consent } })
      await send(mutation('pingCall', 'PingCallInput'), { input: { caller, campaignId, state: 'CA' } })
      await send(mutation('postCall', 'PostCallInput'), { input: { caller, reservationId: toGlobalId('Reservation', 1) } })
      await send(mutation('revokeConsent', 'RevokeConsentInput'), { input: { caller, source: 'phone' } })
    }
  }
  const inline = newNumber()
  for (let time = 0; time < 3; time++) await send(`{ callerStatus(caller: "${inline}") { consent } }`)
  await send(`mutation { suppressCaller(input: { caller: "${newNumber()}", scope: TENANT, source: "page" }) { errors { message } } }`)
  await send(`query ($caller: String! = "${newNumber()}") { callerStatus(caller: $caller) { consent } }`)
  // A persisted document with a number in its text.
  const query = `{ callerStatus(caller: "${newNumber()}") { consent } }`
  await send(query, {}, { extensions: { persistedQuery: { version: 1, sha256Hash: createHash('sha256').update(query).digest('hex') } } })
  // By GET, as nobody should.
  await fetch(`${url}/graphql?${new URLSearchParams({ query: `{ callerStatus(caller: "${newNumber()}") { consent } }` })}`, { headers })
  // Requests with errors that are about the number.
  const wrong = newNumber()
  await send(STATUS, { caller: Number(newNumber().slice(1)) })
  await send(STATUS, { caller: [newNumber()] })
  await send(STATUS, { caller: `${wrong}99999999` })
  await send(`{ callerStatus(caller: ${newNumber().slice(1)}) { consent } }`)
  await send(`{ callerStatus(number: "${newNumber()}") { consent } }`)
  await send(`{ callerStatus(caller: "${newNumber()}" { consent } }`)
  await send(`{ call(id: "${newNumber()}") { id } }`)
  await post(`{"query": "{ callerStatus(caller: \\"${newNumber()}\\") { consent } }", `)
  for (const field of ['source', 'evidence']) {
    const caller = newNumber()
    await send(mutation('recordConsent', 'RecordConsentInput'), { input: { caller, ...consent, [field]: `call of ${caller}` } })
  }
  // A statement that fails: its error is logged.
  await database.query('alter table suppressions rename to suppressions_away')
  await send(STATUS, { caller: newNumber() })
  await send(mutation('suppressCaller', 'SuppressCallerInput'), { input: { caller: newNumber(), scope: 'TENANT', source: 'page' } })
  await database.query('alter table suppressions_away rename to suppressions')
  return answers
}

/**
 * Sells calls of new callers: from the consent and the ping to the event of the carrier that ends the call, and then to suppression and
 * revocation. The caller is given in another spelling each time. @returns all answers.
 */
async function sellCalls({ url }: TracedGateway): Promise<readonly string[]> {
  const headers = await headersOf('ADMIN')
  const answers: string[] = []
  const post = async (path: string, sent: Readonly<Record<string, string>>, body: string) => {
    const answer = await (await fetch(`${url}${path}`, { method: 'POST', headers: sent, body })).text()
    answers.push(answer)
    return answer
  }
  const send = async (query: string, variables: object) => {
    const { data, errors } = JSON.parse(await post('/graphql', headers, JSON.stringify({ query, variables })))
    expect(errors).toBeUndefined()
    return Object.values(data)[0] as Readonly<
      Record<string, { readonly id: string; readonly status: string } & { readonly nodes: unknown }>
    >
  }
  const change = (name: string, input: object, fields: string) =>
    send(
      `mutation ($input: ${name.charAt(0).toUpperCase()}${name.slice(1)}Input!) { ${name}(input: $input) { ${fields} errors { message } } }`,
      { input },
    )
  const campaignId = toGlobalId('Campaign', market.campaignId)
  for (let sale = 0; sale < 3; sale++) {
    const number = newNumber()
    const spellings = [number, ...formatsOf(number), sha256Of(number)]
    let sent = sale
    const caller = () => spellings[sent++ % spellings.length]
    await change('recordConsent', { caller: caller(), source: 'form', evidence: 'certificate', givenAt: '2026-01-01T00:00:00Z' }, '')
    expect(
      (await change('pingCall', { caller: caller(), campaignId, state: 'CA', subId: `of ${number}` }, 'refusal'))['errors'],
    ).toHaveLength(1)
    const ping = await change(
      'pingCall',
      { caller: caller(), campaignId, state: 'CA', attributes: [{ name: 'age', value: '30' }] },
      'reservation { id }',
    )
    const posted = await change('postCall', { reservationId: ping['reservation']?.id, caller: caller() }, 'call { id status }')
    expect(posted['call']).toMatchObject({ status: 'CONNECTED' })
    const event = JSON.stringify({ type: 'call.ended', callId: posted['call']?.id, durationSeconds: 600 })
    expect(await post('/telephony/events', signedHeaders(event, { id: `sale_${sale}` }), event)).toContain('APPLIED')
    const decided = await send(
      'query ($caller: String!) { routingDecisions(first: 5, filter: { caller: $caller }) { nodes { outcome } } }',
      { caller: caller() },
    )
    expect(decided['nodes']).toEqual([{ outcome: 'CONNECTED' }, { outcome: 'OFFERED' }])
    expect(await send('query ($id: ID!) { call(id: $id) { status decision { outcome } } }', { id: posted['call']?.id })).toMatchObject({
      status: 'SETTLED',
    })
    await change('revokeConsent', { caller: caller(), source: 'phone' }, 'revoked')
    await change('suppressCaller', { caller: caller(), scope: 'TENANT', source: 'page' }, 'suppression { id madeBy { subject } }')
    expect(await change('pingCall', { caller: caller(), campaignId, state: 'CA' }, 'refusal')).toMatchObject({ refusal: 'SUPPRESSED' })
    await send(STATUS, { caller: caller() })
  }
  return answers
}

/** Sends numbers by the webhook. @returns the answers. */
async function sendByWebhook({ url }: TracedGateway): Promise<readonly string[]> {
  const callId = toGlobalId('Call', 999_999)
  const bodies = [
    JSON.stringify({ type: 'call.answered', callId, from: newNumber() }),
    JSON.stringify({ type: 'call.answered', callId: newNumber() }),
    JSON.stringify({ type: newNumber(), callId }),
    `{"from": "${newNumber()}"`,
  ]
  return Promise.all(
    bodies.map(async (body, index) => {
      const headers = signedHeaders(body, { id: `evt_${index}` })
      return (await fetch(`${url}/telephony/events`, { method: 'POST', headers, body })).text()
    }),
  )
}

/** Imports lists with numbers, of which one has a wrong line. @returns what the command would print. */
async function importLists(): Promise<readonly string[]> {
  const printed: string[] = []
  for (const [index, end] of ['', 'x'].entries()) {
    const path = join(folder.path, `list-${index}`)
    await writeFile(path, `${newNumber()}\n${newNumber()}${end}\n`)
    const result = await importDncList(handle.db, { list: `list-${index}`, lines: openLines(path), hashes: dncHashes, isAlone: false })
    printed.push('problem' in result ? problemLine(path, result.problem) : JSON.stringify(result))
  }
  return printed
}

/** Reads all answers of the management API that need no parameters. */
async function readManagement({ url }: TracedGateway): Promise<readonly Searched[]> {
  const found: Searched[] = []
  const headers = await headersOf('OPERATOR')
  const document = (await (await fetch(`${url}/api/v1/cache/openapi.json`, { headers })).json()) as {
    readonly paths: Readonly<Record<string, Readonly<Record<string, unknown>>>>
  }
  for (const [path, methods] of Object.entries(document.paths))
    if ('get' in methods && !path.includes('{')) {
      const response = await fetch(`${url}${path.startsWith('/api/') ? '' : '/api/v1/cache'}${path}`, { headers })
      if (response.ok) found.push({ place: `management API ${path}`, text: await response.text() })
    }
  return found
}

const searchedLog = ({ log }: TracedGateway): readonly Searched[] => log.map((text) => ({ place: 'log', text }))

describe('T32: the number of a caller', needs('redis-server'), () => {
  it('T32: is stored, cached, logged, traced and shown nowhere, whichever way it comes.', { timeout: 60_000 }, async () => {
    const gateway = await startGateway()
    try {
      const sold = await sellCalls(gateway)
      const answers = await sendByGraphQL(gateway)
      expect(new Set(answers)).toEqual(
        new Set([
          '200 OK',
          '200 BAD_USER_INPUT',
          '200 GRAPHQL_VALIDATION_FAILED',
          '200 GRAPHQL_PARSE_FAILED',
          '400 BAD_REQUEST',
          '200 INTERNAL_SERVER_ERROR',
        ]),
      )
      const webhook = await sendByWebhook(gateway)
      expect(webhook.map((text) => /"code":"(\w+)"/.exec(text)?.[1])).toEqual([
        'NOT_FOUND',
        'BAD_USER_INPUT',
        'BAD_USER_INPUT',
        'BAD_REQUEST',
      ])
      const printed = await importLists()
      expect(printed[1]).toMatch(/list-1:2: .*NOT_A_CALLER/)
      const management = await readManagement(gateway)
      expect(management.length).toBeGreaterThan(5)
      const metrics = await (await fetch(`${gateway.url}/metrics`)).text()
      await gateway.close()
      const tables = await readTables(database)
      // The search sees the rows of callers, the log of failures and the spans.
      for (const table of [
        ...['suppressions', 'consents', 'consent_revocations', 'dnc_entries', 'routing_decisions'],
        ...['reservations', 'calls', 'bids', 'buyer_usage', 'telephony_events'],
      ])
        expect(tables.map(({ place }) => place)).toContain(`table public.${table}`)
      expect(gateway.log.join('\n')).toContain('suppressions')
      const traced = spans.take()
      expect(traced.length).toBeGreaterThan(50)
      const inRedis = await readRedis(client)
      expect(inRedis.map(({ text }) => text).join()).toContain('"status":"ACTIVE"')
      const searched = [
        ...tables,
        ...inRedis,
        ...management,
        ...searchedLog(gateway),
        ...[...sold, ...webhook, ...printed].map((text) => ({ place: 'answer', text })),
        ...traced.map((span) => ({ place: `span ${span.name}`, text: JSON.stringify(span) })),
        { place: 'metrics', text: metrics },
      ]
      expect(numbers.length).toBeGreaterThan(25)
      expect([...new Set(placesOf(numbers, searched))]).toEqual([])
    } finally {
      await gateway.close().catch(() => undefined)
    }
  })

  it('T32: is found in a gateway that logs the addresses of requests, so the search detects such a gateway.', async () => {
    let last = ''
    const gateway = await startGateway((observers) => ({
      ...observers,
      requests: observers.requests && {
        within: (request, work) => observers.requests?.within(request, work) as ReturnType<typeof work>,
        begin: (request, response) => {
          last = decodeURIComponent(request.url ?? '')
          observers.requests?.begin(request, response)
        },
      },
      logFields: () => ({ url: last }),
    }))
    try {
      const number = newNumber()
      const query = `{ callerStatus(caller: "${number}") { consent } }`
      await fetch(`${gateway.url}/graphql?query=${encodeURIComponent(query)}`, { headers: await headersOf('ADMIN') })
      expect(placesOf([number], searchedLog(gateway))).toContain(`log: ${number}`)
    } finally {
      await gateway.close()
    }
  })

  it('T32: is found in tables and in Redis in each spelling, so the search detects what it should.', async () => {
    const number = newNumber()
    const hash = createHash('sha256').update(number).digest()
    await database.query('create table planted (a text, b bytea, c jsonb)')
    const rows = [
      [number, null, null],
      [null, Buffer.from(number), null],
      ...formatsOf(number).flatMap((format) => [
        [`call of +1 ${format}`, null, null],
        [null, Buffer.from(format), null],
        [null, null, JSON.stringify([format])],
      ]),
      [null, hash, null],
      [null, null, JSON.stringify({ a: { b: [`1-${number.slice(2, 5)}-${number.slice(5, 8)}-${number.slice(8)}`] } })],
      [Buffer.from(`call of ${number}`).toString('base64'), null, null],
      [hash.toString('base64url'), null, null],
    ]
    for (const row of rows) await database.query('insert into planted values ($1, $2, $3)', row)
    expect(placesOf([number], await readTables(database))).toEqual(Array(rows.length).fill(`table public.planted: ${number}`))
    await database.query('drop table planted')
    await client.set('planted:string', hash)
    await client.hset('planted:hash', 'field', `x${number}`)
    await client.rpush('planted:list', number)
    expect(placesOf([number], await readRedis(client)).toSorted()).toEqual(
      ['hash', 'list', 'string'].map((type) => `Redis planted:${type}: ${number}`),
    )
    await client.del('planted:string', 'planted:hash', 'planted:list')
  })
})
