import { readConfig } from '#src/config/config.ts'
import { type ErrorCode, GatewayError, OverloadedError } from '#src/errors.ts'
import { LeasedBudget } from '#src/gateway/budgets/leased-budget.ts'
import { RateLimits } from '#src/gateway/budgets/rate-limits.ts'
import type { Module } from '#src/gateway/contract/module.ts'
import { TrustedDocuments } from '#src/gateway/graphql/document/trusted/trusted-documents.ts'
import { viewer } from '../graphql/tiny-gateway.ts'
import type { tinyModule } from '../graphql/tiny-module.ts'
import { openLine } from '../threats/raw-socket.ts'
import { bearer, get, post, type Sent, startTinyServer, type TinyServerOptions } from '../threats/tiny-server.ts'

const GRAPHQL_TYPE = { accept: 'application/graphql-response+json' }
const QUERY = '{ words { nodes { name } } }'
const FAILS = 'query ($how: String!) { fails(how: $how) }'

/** One request to a new gateway, with the expected code and status of the response. */
export interface Provocation {
  readonly code: ErrorCode
  readonly title: string
  readonly status: number
  readonly server?: TinyServerOptions
  /** A request, or the raw bytes of a request. */
  readonly sent: Sent | string | (() => Promise<Sent>)
}

const FULL =
  'Expected room for 500 more events, but 22000 wait to be written already: send the same events again in 400 ms, with the same ids.'

const signedIn = (sent: Sent) => async () => ({ ...sent, headers: { ...sent.headers, authorization: await bearer(viewer('t1')) } })
const failing = (how: string) => signedIn(post(FAILS, {}, { how }))

/**
 * A gateway whose field `fails` throws an error with the code in the argument of the field. The rules that cause such
 * errors in production have their own tests.
 */
const throwing: TinyServerOptions = {
  gateway: {
    adapt: (module): Module => ({
      ...module,
      resolvers: {
        ...module.resolvers,
        Query: {
          ...(module.resolvers['Query'] as object),
          fails: (_: unknown, { how }: { how: ErrorCode }) => {
            if (how === 'OVERLOADED') throw new OverloadedError(FULL, 400)
            throw new GatewayError(how)
          },
        },
      } as ReturnType<typeof tinyModule>['resolvers'],
    }),
  },
}

const trusted: TinyServerOptions = {
  gateway: { trusted: new TrustedDocuments({ file: 'documents.json', documents: new Map([['words', QUERY]]), exclusive: true }) },
}

const limited: TinyServerOptions = {
  server: {
    rateLimits: new RateLimits({
      caller: new LeasedBudget({ counts: { take: async () => ({ granted: 0, resetMs: 30_000 }) }, perMinute: 1, monotonic: () => 0 }),
      tenant: undefined,
    }),
  },
}

/** A gateway whose authentication fails with the given error. */
const authenticating = (error: Error): TinyServerOptions => ({
  replaceAuthentication: (authentication) => ({
    ...authentication,
    known: () => undefined,
    authenticate: () => Promise.reject(error),
  }),
})

export const provocations: readonly Provocation[] = [
  { code: 'UNAUTHENTICATED', title: 'a token that nobody issued', status: 401, sent: post(QUERY, { authorization: 'Bearer nonsense' }) },
  { code: 'UNAUTHENTICATED', title: 'a field without a token', status: 200, sent: post('{ note(id: "1") { text } }') },
  { code: 'FORBIDDEN', title: 'a field that requires another role', status: 200, sent: signedIn(post('{ revenue }')) },
  {
    code: 'FORBIDDEN',
    title: 'a caller of the reserved tenant',
    status: 403,
    server: {
      replaceAuthentication: (authentication) => ({
        ...authentication,
        known: () => undefined,
        authenticate: async () => viewer('public'),
      }),
    },
    sent: post(QUERY),
  },
  { code: 'NOT_FOUND', title: 'a path that does not exist', status: 404, sent: { method: 'GET', path: '/nowhere' } },
  { code: 'BAD_USER_INPUT', title: 'a variable that was left out', status: 200, sent: post(FAILS) },
  {
    code: 'BAD_USER_INPUT',
    title: 'a variable that was left out, in the GraphQL media type',
    status: 400,
    sent: post(FAILS, GRAPHQL_TYPE),
  },
  { code: 'BAD_REQUEST', title: 'a body that is not JSON', status: 400, sent: { ...post(QUERY), body: '{' } },
  { code: 'BAD_REQUEST', title: 'a path that cannot be decoded', status: 400, sent: { method: 'GET', path: '/%zz' } },
  {
    code: 'BAD_REQUEST',
    title: 'a GET that a page of another site could send',
    status: 400,
    sent: { method: 'GET', path: '/graphql?query=%7Blucky%7D' },
  },
  { code: 'BAD_REQUEST', title: 'bytes that are not HTTP', status: 400, sent: 'GETT /graphql HTTP/1.1\r\n\r\n' },
  { code: 'BAD_REQUEST', title: 'a mutation by GET', status: 405, sent: signedIn(get('mutation { setText(id: "1", text: "x") { id } }')) },
  { code: 'BAD_REQUEST', title: 'a client that takes no JSON', status: 406, sent: post(QUERY, { accept: 'image/png' }) },
  { code: 'GRAPHQL_PARSE_FAILED', title: 'a document that does not parse', status: 400, sent: post('{ words', GRAPHQL_TYPE) },
  { code: 'GRAPHQL_PARSE_FAILED', title: 'a document that does not parse, in plain JSON', status: 200, sent: post('{ words') },
  { code: 'GRAPHQL_VALIDATION_FAILED', title: 'a field that does not exist', status: 400, sent: post('{ nonsense }', GRAPHQL_TYPE) },
  { code: 'GRAPHQL_VALIDATION_FAILED', title: 'a field that does not exist, in plain JSON', status: 200, sent: post('{ nonsense }') },
  {
    code: 'OPERATION_RESOLUTION_FAILURE',
    title: 'two operations and no name',
    status: 400,
    sent: post(`query A ${QUERY} query B ${QUERY}`),
  },
  {
    code: 'PERSISTED_QUERY_NOT_FOUND',
    title: 'a hash that the gateway has not seen',
    status: 200,
    sent: {
      ...post(''),
      body: JSON.stringify({ extensions: { persistedQuery: { version: 1, sha256Hash: 'a'.repeat(64) } } }),
    },
  },
  {
    code: 'DOCUMENT_NOT_FOUND',
    title: 'an id that the manifest does not have',
    status: 400,
    server: trusted,
    sent: { ...post(''), body: JSON.stringify({ documentId: 'unknown' }) },
  },
  {
    code: 'DOCUMENT_NOT_TRUSTED',
    title: 'a document that the manifest does not have',
    status: 400,
    server: trusted,
    sent: post('{ lucky }'),
  },
  {
    code: 'LIMIT_EXCEEDED',
    title: 'a document with too many fields at its root',
    status: 400,
    server: { gateway: { limits: { ...readConfig({}).limits, maxRootFields: 1 } } },
    sent: post('{ lucky words { nodes { name } } }'),
  },
  { code: 'PAYLOAD_TOO_LARGE', title: 'a body beyond the limit', status: 413, sent: { ...post(QUERY), body: ' '.repeat(200_001) } },
  {
    code: 'HEADERS_TOO_LARGE',
    title: 'a header of 100 KB',
    status: 431,
    sent: `GET /graphql HTTP/1.1\r\nX: ${'a'.repeat(100_000)}\r\n\r\n`,
  },
  { code: 'UNSUPPORTED_MEDIA_TYPE', title: 'a body of XML', status: 415, sent: post(QUERY, { 'content-type': 'application/xml' }) },
  { code: 'METHOD_NOT_ALLOWED', title: 'a PUT', status: 405, sent: { ...post(QUERY), method: 'PUT' } },
  { code: 'CONFLICT', title: 'an object that was changed meanwhile', status: 200, sent: failing('taken') },
  { code: 'RATE_LIMITED', title: 'a caller who has used up the rate limit', status: 429, server: limited, sent: post(QUERY) },
  {
    code: 'REQUEST_TIMEOUT',
    title: 'a request whose headers do not end',
    status: 408,
    server: { server: { requestTimeoutMs: 60 } },
    sent: 'POST /graphql HTTP/1.1\r\nHost: x\r\nContent-',
  },
  { code: 'UNAVAILABLE', title: 'a database that cannot be reached', status: 200, sent: failing('unreachable') },
  {
    code: 'UNAVAILABLE',
    title: 'an authentication whose keys cannot be read',
    status: 503,
    server: authenticating(new GatewayError('UNAVAILABLE')),
    sent: post(QUERY),
  },
  { code: 'OVERLOADED', title: 'a field whose queue is full', status: 200, server: throwing, sent: failing('OVERLOADED') },
  { code: 'CLIENT_CLOSED', title: 'a field whose client is gone', status: 200, server: throwing, sent: failing('CLIENT_CLOSED') },
  { code: 'TIMEOUT', title: 'an execution that has reached its timeout', status: 200, server: throwing, sent: failing('TIMEOUT') },
  {
    code: 'UNDECLARED_DEPENDENCY',
    title: 'a value that reads another table',
    status: 200,
    server: throwing,
    sent: failing('UNDECLARED_DEPENDENCY'),
  },
  { code: 'INTERNAL_SERVER_ERROR', title: 'a bug in a resolver', status: 200, sent: failing('bug') },
  {
    code: 'INTERNAL_SERVER_ERROR',
    title: 'a bug outside of execution',
    status: 500,
    server: authenticating(new TypeError('x')),
    sent: post(QUERY),
  },
  { code: 'INTERNAL_SERVER_ERROR', title: 'a wrong configuration found in a resolver', status: 200, sent: failing('configuration') },
  {
    code: 'INTERNAL_SERVER_ERROR',
    title: 'a wrong configuration found outside of execution',
    status: 500,
    server: authenticating(new GatewayError('CONFIGURATION', 'JWKS_FILE: /etc/secret')),
    sent: post(QUERY),
  },
]

export interface Provoked {
  readonly status: number
  readonly body: string
}

/** Sends the request to a new gateway over HTTP. */
export async function provoke({ server: options = {}, sent }: Provocation): Promise<Provoked> {
  await using server = await startTinyServer(options)
  if (typeof sent !== 'string') {
    const { status, text } = await server.send(typeof sent === 'function' ? await sent() : sent)
    return { status, body: text }
  }
  const line = openLine(server.port)
  line.socket.write(sent)
  const [reply] = await line.closed()
  return { status: reply?.status ?? 0, body: reply?.body ?? '' }
}
