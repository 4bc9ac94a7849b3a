import { describe, expect, it } from 'vitest'
import { viewer } from '../graphql/tiny-gateway.ts'
import { TinyStore } from '../graphql/tiny-module.ts'
import { bearer, type Reply, type Sent, startTinyServer } from './tiny-server.ts'

const METHODS = ['GET', 'POST', 'HEAD', 'OPTIONS', 'PUT', 'PATCH', 'DELETE', 'TRACE', 'PROPFIND', 'QUERY']
const JSON_TYPES = ['application/json', 'application/json; charset=utf-8', 'APPLICATION/JSON']
/** Content types that a form or script of another site can send without a preflight, and similar content types. */
const OTHER_TYPES = [
  undefined,
  'text/plain',
  'text/plain;charset=UTF-8',
  'text/plain; application/json',
  'text/plain, application/json',
  'application/x-www-form-urlencoded',
  'multipart/form-data; boundary=x',
  'application/graphql',
  'application/jsonp',
  'application/json-patch+json',
  ' ',
  ';',
]
const PREFLIGHTS: readonly NonNullable<Sent['headers']>[] = [
  {},
  { 'apollo-require-preflight': '' },
  { 'apollo-require-preflight': 'true' },
  { 'x-apollo-operation-name': 'Q' },
]
const QUERY = 'query Q { notes { nodes { text } } }'
const MUTATION = 'mutation Q { setText(id: "1", text: "changed") { text } }'

interface Form {
  readonly method: string
  readonly contentType: string | undefined
  readonly preflight: NonNullable<Sent['headers']>
}

const forms: readonly Form[] = METHODS.flatMap((method) =>
  [...JSON_TYPES, ...OTHER_TYPES].flatMap((contentType) => PREFLIGHTS.map((preflight) => ({ method, contentType, preflight }))),
)
const isPreflighted = ({ preflight }: Form) => Object.values(preflight).some((value) => value !== '')
const isJson = ({ contentType }: Form) => contentType !== undefined && JSON_TYPES.includes(contentType)

/** Returns whether a browser would have sent a preflight. Every request that the gateway answers must require one. */
function mayBeAnswered(form: Form, query: string): boolean {
  if (form.method === 'POST') return isJson(form)
  return form.method === 'GET' && query === QUERY && (isJson(form) || (form.contentType === undefined && isPreflighted(form)))
}

function requestOf({ method, contentType, preflight }: Form, query: string, authorization: string): Sent {
  const type = contentType === undefined ? {} : { 'content-type': contentType }
  const headers = { authorization, ...type, ...preflight }
  const search = `/graphql?${new URLSearchParams({ query })}`
  if (method === 'GET' || method === 'HEAD') return { method, headers, path: search }
  return { method, headers, path: method === 'POST' ? '/graphql' : search, body: JSON.stringify({ query }) }
}

async function startWithNote() {
  const store = new TinyStore()
  store.put({ id: 1, tenantId: 't1', folder: 'in', text: 'as it was' })
  store.written = []
  return startTinyServer({ gateway: { store } })
}

const tells = ({ text }: Reply) => /as it was|changed/.test(text)

describe('T9: a request that a page of another site could send without a preflight', () => {
  it('T9: executes nothing, whatever its method, content type and headers', async () => {
    await using server = await startWithNote()
    const authorization = await bearer(viewer('t1', 'EDITOR'))
    for (const form of forms) {
      for (const query of [QUERY, MUTATION]) {
        if (mayBeAnswered(form, query)) continue
        const answer = await server.send(requestOf(form, query, authorization))
        expect({ form, query, tells: tells(answer) }).toEqual({ form, query, tells: false })
        if (form.method !== 'OPTIONS') expect([form, query, Math.floor(answer.status / 100)]).toEqual([form, query, 4])
      }
    }
    expect(server.store.loads).toEqual([])
    expect(server.store.notes[0]?.text).toBe('as it was')
  }, 60_000)

  it('T9: gets no cached response of an allowed request, not even a 304', async () => {
    await using server = await startWithNote()
    const authorization = await bearer(viewer('t1', 'EDITOR'))
    const allowed = forms.filter((form) => mayBeAnswered(form, QUERY))
    const tags = new Set<string>()
    for (let i = 0; i < 3; i++) {
      for (const form of allowed) {
        const answer = await server.send(requestOf(form, QUERY, authorization))
        expect({ form, status: answer.status, tells: tells(answer) }).toEqual({ form, status: 200, tells: true })
        if (answer.headers['etag'] !== undefined) tags.add(String(answer.headers['etag']))
      }
    }
    expect(server.atHand.count).toBeGreaterThan(allowed.length)
    const answered = server.atHand.count
    for (const form of forms) {
      if (mayBeAnswered(form, QUERY)) continue
      const request = requestOf(form, QUERY, authorization)
      const conditional = { ...request, headers: { ...request.headers, 'if-none-match': [...tags].join(', ') } }
      for (const sent of [request, conditional]) {
        const answer = await server.send(sent)
        expect({ form, tells: tells(answer), 304: answer.status === 304 }).toEqual({ form, tells: false, 304: false })
        if (form.method !== 'OPTIONS') expect([form, Math.floor(answer.status / 100)]).toEqual([form, 4])
      }
    }
    expect(server.atHand.count).toBe(answered)
    expect(tags.size).toBe(1)
  }, 60_000)

  it('T9: gets 400 as a GET, 400 or 415 as a POST and 405 with another method, even after an allowed request has received the same data', async () => {
    await using server = await startWithNote()
    const authorization = await bearer(viewer('t1', 'EDITOR'))
    const ask = async (method: string, contentType: string | undefined, preflight: Form['preflight'], query = QUERY) =>
      (await server.send(requestOf({ method, contentType, preflight }, query, authorization))).status
    for (let i = 0; i < 3; i++) {
      expect(await ask('GET', undefined, { 'apollo-require-preflight': 'true' })).toBe(200)
      expect(await ask('GET', undefined, {})).toBe(400)
      expect(await ask('POST', 'application/json', {})).toBe(200)
      expect(await ask('POST', 'text/plain', {})).toBe(400)
      expect(await ask('POST', 'application/x-www-form-urlencoded', {})).toBe(415)
      expect(await ask('GET', undefined, { 'apollo-require-preflight': 'true' }, MUTATION)).toBe(405)
      expect(await ask('PUT', 'application/json', { 'apollo-require-preflight': 'true' })).toBe(405)
    }
    expect(server.store.loadsOf('notes')).toBe(1)
  })

  it('T9: is not allowed by its preflight: OPTIONS from an origin that is not listed executes nothing and permits nothing', async () => {
    await using server = await startWithNote()
    const headers = { 'access-control-request-method': 'POST', 'access-control-request-headers': 'content-type,authorization' }
    const refused = await server.send({ method: 'OPTIONS', headers: { origin: 'https://evil.example', ...headers } })
    expect(refused.headers['access-control-allow-origin']).toBeUndefined()
    const allowed = await server.send({ method: 'OPTIONS', headers: { origin: 'https://studio.apollographql.com', ...headers } })
    expect([allowed.status, allowed.headers['access-control-allow-origin']]).toEqual([204, 'https://studio.apollographql.com'])
    expect(allowed.headers['access-control-allow-methods']).toBe('GET, POST, OPTIONS')
    expect(server.store.loads).toEqual([])
  })
})
