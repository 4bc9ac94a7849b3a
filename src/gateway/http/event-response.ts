import type { FastifyRequest } from 'fastify'
import { GatewayError } from '../../errors.ts'
import { EVENT_STREAM_TYPE } from '../graphql/answers/media-type.ts'
import type { EnvelopeSource } from '../graphql/document/envelope.ts'
import type { GraphQLHttpResponse } from '../graphql/endpoint/endpoint.ts'
import { readJson } from '../graphql/endpoint/json-body.ts'
import type { Authentication } from '../identity/authentication.ts'
import type { Principal } from '../identity/principal.ts'
import type { EventStream } from '../live/event-stream.ts'
import { nextEvent } from '../live/live-event.ts'
import type { LiveQueries } from '../live/live-queries.ts'
import { searchOf } from './raw-request.ts'

export interface OpenStreamOptions {
  readonly live: LiveQueries
  readonly authentication: Authentication
  readonly viewer: Principal | null
  /** Key of the caller, for the limit of streams. */
  readonly caller: string
  /** Consistency tokens of the request; undefined if there is none. */
  readonly tokens: string | undefined
}

/** Headers that keep caches and proxies from storing or delaying events. */
export const EVENT_HEADERS = {
  'content-type': `${EVENT_STREAM_TYPE}; charset=utf-8`,
  'cache-control': 'no-store',
  'x-accel-buffering': 'no',
}

/**
 * Opens a stream of events, if the request has a live query. Returns undefined for any other request, and for one that must be refused: the
 * endpoint then answers it once. @throws GatewayError for a batch, and if no further stream may be opened.
 */
export async function openStream(request: FastifyRequest, options: OpenStreamOptions): Promise<EventStream | undefined> {
  const { live, authentication, viewer, caller, tokens } = options
  const source = sourceOf(request)
  const operation = source && live.read(source, viewer)
  if (!operation) return undefined
  const standing = () => standingOf(request.headers.authorization, viewer, authentication)
  const stream = await live.open({ operation, requestId: request.id, caller, tokens, standing })
  // A client that closes its sending side has left. Otherwise it would be noticed only at the next event.
  const { socket } = request.raw
  const leave = () => stream.destroy()
  if (socket.destroyed || socket.readableEnded) leave()
  else socket.once('end', leave)
  stream.once('close', () => socket.off('end', leave))
  return stream
}

/** Returns the response to a request that was executed, as events: the result, and the end. A refusal stays as it is. */
export function asEvents(response: GraphQLHttpResponse): GraphQLHttpResponse {
  if (response.status >= 400 || !(response.body instanceof Uint8Array)) return response
  const headers = new Map([...response.headers, ...Object.entries(EVENT_HEADERS)])
  return { ...response, headers, body: nextEvent(response.body, { token: undefined, stale: undefined, isLast: true }) }
}

/** Returns the parts of the request; undefined if it cannot be read, or if a page of another origin may have sent it (CSRF). */
function sourceOf(request: FastifyRequest): EnvelopeSource | undefined {
  const { method, headers, body } = request
  if (method === 'GET') {
    const isPreflighted = Boolean(headers['apollo-require-preflight'] || headers['x-apollo-operation-name'])
    return isPreflighted ? { search: searchOf(request.url).slice(1) } : undefined
  }
  let parsed: unknown
  try {
    parsed = readJson({ method, headers, body: Buffer.isBuffer(body) ? body : undefined })
  } catch {
    return undefined
  }
  if (Array.isArray(parsed))
    throw new GatewayError('BAD_REQUEST', 'Expected one operation for a stream of events, got a batch: send each operation by itself.')
  return parsed === undefined ? undefined : { body: parsed }
}

/** Returns why a stream must not go on: its token is no longer valid, or stands for another caller by now. */
function standingOf(authorization: string | undefined, viewer: Principal | null, authentication: Authentication) {
  const changed = (principal: Principal | null) =>
    isSame(principal, viewer)
      ? undefined
      : new GatewayError('UNAUTHENTICATED', 'The role of the caller has changed: open the stream again.')
  const remembered = authentication.remembered(authorization)?.principal()
  if (remembered !== undefined) return changed(remembered)
  return authentication
    .authenticate(authorization)
    .then(changed, (error: unknown) =>
      error instanceof GatewayError ? error : new GatewayError('UNAVAILABLE', undefined, { cause: error }),
    )
}

function isSame(one: Principal | null, other: Principal | null): boolean {
  return one?.tenant === other?.tenant && one?.userId === other?.userId && one?.role === other?.role
}
