import type { IncomingMessage, ServerResponse } from 'node:http'
import { type Attributes, type Context, context, propagation, SpanKind, SpanStatusCode, type Tracer, trace } from '@opentelemetry/api'
import type { RequestObserver } from '../../gateway/http/request-observer.ts'

const METHODS = new Set(['GET', 'POST', 'HEAD', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'CONNECT', 'TRACE', 'QUERY'])
/** Paths that monitoring reads every few seconds. A trace of each would bury the others. */
const UNTRACED = new Set(['/healthz', '/readyz', '/metrics'])
const ENDPOINT = '/graphql'
/** Parameters of GraphQL over HTTP. A parameter with another name may be a value that was sent in a wrong form. */
const PARAMETERS = new Set(['query', 'variables', 'operationName', 'extensions', 'id', 'documentId'])
const MAX_USER_AGENT = 256

/**
 * Returns an observer that records each HTTP request as a span of kind SERVER, whose parent is the span in the header `traceparent`. If the
 * HTTP instrumentation of OpenTelemetry has already made such a span, no second span is made.
 */
export function traceRequests(tracer: Tracer): RequestObserver {
  const contexts = new WeakMap<IncomingMessage, Context>()
  return {
    begin(request, response) {
      const active = context.active()
      if (trace.getSpan(active)) {
        contexts.set(request, active)
        return
      }
      const { method = '', url = '' } = request
      const [path = '', query] = splitOnce(url, '?')
      if (UNTRACED.has(path)) return
      const parent = propagation.extract(active, request.headers)
      const known = METHODS.has(method) ? method : 'HTTP'
      const name = path === ENDPOINT ? `${known} ${path}` : known
      const span = tracer.startSpan(name, { kind: SpanKind.SERVER, attributes: requestAttributes(request, path, query) }, parent)
      contexts.set(request, trace.setSpan(parent, span))
      if (!span.isRecording()) return
      response.once('close', () => {
        span.setAttributes(responseAttributes(response))
        if (response.statusCode >= 500) span.setStatus({ code: SpanStatusCode.ERROR })
        span.end()
      })
    },
    within(request, work) {
      const own = contexts.get(request)
      return own ? context.with(own, work) : work()
    },
  }
}

function requestAttributes(
  { method = '', headers, httpVersion, socket }: IncomingMessage,
  path: string,
  query: string | undefined,
): Attributes {
  const { host = '', 'user-agent': userAgent } = headers
  const [, address, port] = /^(\[[^\]]*\]|[^:]*)(?::(\d+))?$/.exec(host) ?? []
  return {
    'http.request.method': METHODS.has(method) ? method : '_OTHER',
    'url.scheme': 'http',
    'url.path': path,
    ...(query === undefined ? {} : { 'url.query': redacted(query) }),
    ...(path === ENDPOINT ? { 'http.route': path } : {}),
    'network.protocol.version': httpVersion,
    ...(address ? { 'server.address': address } : {}),
    ...(port ? { 'server.port': Number(port) } : {}),
    ...(socket.remoteAddress === undefined ? {} : { 'network.peer.address': socket.remoteAddress }),
    ...(userAgent === undefined ? {} : { 'user_agent.original': userAgent.slice(0, MAX_USER_AGENT) }),
  }
}

function responseAttributes({ statusCode, writableFinished }: ServerResponse): Attributes {
  // The client has left before the whole response was sent.
  if (!writableFinished) return { 'error.type': 'client_disconnected' }
  return { 'http.response.status_code': statusCode, ...(statusCode >= 500 ? { 'error.type': String(statusCode) } : {}) }
}

/** Returns the names of the parameters of a query string. The values are left out, because they contain the document and the variables. */
function redacted(query: string): string {
  const names = query.split('&').map((pair) => splitOnce(pair, '=')[0])
  return names.map((name) => `${PARAMETERS.has(name) ? name : 'REDACTED'}=REDACTED`).join('&')
}

function splitOnce(text: string, separator: string): [string, string | undefined] {
  const at = text.indexOf(separator)
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + 1)]
}
