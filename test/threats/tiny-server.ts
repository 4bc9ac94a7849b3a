import { request } from 'node:http'
import type { Socket } from 'node:net'
import { join } from 'node:path'
import { systemEnv } from '#src/engine/cache/model/env.ts'
import type { GraphQLEndpoint } from '#src/gateway/graphql/endpoint/endpoint.ts'
import { BuiltFiles } from '#src/gateway/http/built-files.ts'
import { createServer, type ServerOptions } from '#src/gateway/http/server.ts'
import { type Authentication, type AuthenticationOptions, createAuthentication } from '#src/gateway/identity/authentication.ts'
import { issueToken } from '#src/gateway/identity/issue-token.ts'
import type { Principal } from '#src/gateway/identity/principal.ts'
import type { LiveOptions } from '#src/gateway/live/live-options.ts'
import { LiveQueries } from '#src/gateway/live/live-queries.ts'
import { createLogger } from '#src/operations/telemetry/logger.ts'
import { startTinyGateway } from '../graphql/tiny-gateway.ts'
import { allGood } from '../http/standing.ts'
import { recognition } from '../servers/recognition.ts'

const SECRET = 'a-secret-for-tests-that-is-long-enough'
const ISSUER = { issuer: 'tidegate', audience: 'tidegate' }

export interface TinyServerOptions {
  readonly gateway?: Parameters<typeof startTinyGateway>[0]
  readonly server?: Partial<
    Pick<ServerOptions, 'requestTimeoutMs' | 'trustedProxies' | 'bodyLimitBytes' | 'allowLocalOrigins' | 'rateLimits'>
  >
  readonly authentication?: Partial<Pick<AuthenticationOptions, 'now' | 'jwksFile' | 'jwksUrl' | 'standingOf' | 'memoryBytes'>>
  /** Limits of live queries. Default: those of the configuration. */
  readonly live?: Partial<Pick<LiveOptions, 'maxStreams' | 'maxStreamsPerCaller'>>
  /** Recognition of requests by their bytes. Default: on, unless the environment of the tests turns it off. */
  readonly recognition?: Partial<ServerOptions['recognition']>
  /** Replaces the authentication by a wrapped or modified one. */
  readonly replaceAuthentication?: (authentication: Authentication) => Authentication
  /** Called when a request is about to be answered without the HTTP framework, because its bytes or its document were seen before. */
  readonly onRecall?: () => void
  /** Whether a request whose bytes are new takes the way through the framework even if its document was seen before. Default: false. */
  readonly newBytesTakeTheFramework?: boolean
}

export interface Sent {
  readonly method?: string
  readonly path?: string
  readonly headers?: Readonly<Record<string, string | readonly string[]>>
  readonly body?: string
}

export interface Reply {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly body: Buffer
  readonly text: string
}

/** Starts the tiny gateway behind the real HTTP server, and collects everything that it logs. */
export async function startTinyServer(options: TinyServerOptions = {}) {
  const { onRecall = () => undefined } = options
  const gateway = await startTinyGateway(options.gateway)
  const log: string[] = []
  /** Number of responses that the fast path sent from memory, without parsing the request. */
  const atHand = { count: 0 }
  const { endpoint } = gateway
  const graphql: GraphQLEndpoint = {
    ...endpoint,
    sent: (...sent) => {
      atHand.count++
      endpoint.sent(...sent)
    },
    recall: (raw, known, terms) => {
      const recalling = known || !options.newBytesTakeTheFramework ? endpoint.recall(raw, known, terms) : undefined
      if (recalling) onRecall()
      return recalling
    },
  }
  const { jwksFile, jwksUrl, now = Date.now, standingOf = allGood, ...memory } = options.authentication ?? {}
  const secrets = jwksFile === undefined && jwksUrl === undefined ? [SECRET] : []
  const authentication = await createAuthentication({ ...ISSUER, secrets, jwksFile, jwksUrl, now, leewayMs: 0, standingOf, ...memory })
  const live = new LiveQueries({
    ...endpoint.execution,
    now: () => gateway.cache.now(),
    env: options.gateway?.env ?? systemEnv,
    maxStreams: 2000,
    maxStreamsPerCaller: 20,
    maxBytes: 2 ** 26,
    stalenessBoundMs: 1000,
    onEvent: () => undefined,
    ...options.live,
  })
  const server = await createServer({
    graphql,
    live,
    authentication: options.replaceAuthentication?.(authentication) ?? authentication,
    notReady: async () => null,
    metrics: undefined,
    logger: createLogger('trace', { write: (line) => log.push(line) }),
    bodyLimitBytes: 200_000,
    requestTimeoutMs: 30_000,
    trustedProxies: [],
    corsOrigins: ['https://studio.apollographql.com'],
    explorer: new BuiltFiles(join(import.meta.dirname, 'not-built')),
    debug: false,
    allowLocalOrigins: false,
    onResponse: () => undefined,
    lingerMs: 0,
    recognition: { isOn: recognition === 'on', memoryBytes: 2 ** 20, onRecognised: () => undefined, ...options.recognition },
    ...options.server,
  })
  const sockets: Socket[] = []
  server.server.on('connection', (socket: Socket) => sockets.push(socket))
  const url = new URL(await server.listen({ host: '127.0.0.1', port: 0 }))
  const port = Number(url.port)
  return {
    gateway,
    store: gateway.store,
    live,
    atHand,
    log,
    port,
    http: server.server,
    /** All connections that were ever opened to the server, in order. */
    sockets,
    send: (sent: Sent): Promise<Reply> => send(port, sent),
    /** Sends the request until its response comes from memory, and returns that response. */
    async untilAtHand(sent: Sent): Promise<Reply> {
      for (;;) {
        const { count } = atHand
        const reply = await send(port, sent)
        if (atHand.count > count) return reply
      }
    },
    async [Symbol.asyncDispose]() {
      server.server.closeAllConnections()
      await server.close()
      await gateway[Symbol.asyncDispose]()
    },
  }
}

/** Returns the value of the `Authorization` header for a principal. */
export async function bearer(principal: Principal, expiresInSeconds = 3600): Promise<string> {
  return `Bearer ${await issueToken({ ...ISSUER, secret: SECRET, principal, expiresInSeconds })}`
}

/** Returns a query by POST as a typical client sends it. */
export function post(query: string, headers: Sent['headers'] = {}, variables: Readonly<Record<string, unknown>> = {}): Sent {
  const body = JSON.stringify({ query, variables })
  return { method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body }
}

/** Returns a query by GET as a typical client sends it. */
export function get(query: string, headers: Sent['headers'] = {}): Sent {
  return { method: 'GET', path: `/graphql?${new URLSearchParams({ query })}`, headers: { 'apollo-require-preflight': 'true', ...headers } }
}

function send(port: number, { method = 'POST', path = '/graphql', headers = {}, body }: Sent): Promise<Reply> {
  const length = body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) }
  return new Promise((resolve, reject) => {
    const sending = request({ host: '127.0.0.1', port, method, path, headers: { ...length, ...headers }, agent: false }, (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('error', reject)
      response.on('end', () => {
        const whole = Buffer.concat(chunks)
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: whole, text: whole.toString() })
      })
    })
    sending.on('error', reject)
    sending.end(body)
  })
}
