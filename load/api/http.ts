import { LoadError } from '../load-error.ts'
import type { MetricRegistry, Tags } from '../metrics/registry.ts'
import type { VirtualUser } from '../run/virtual-user.ts'
import type { RawResponse } from './http-client.ts'
import { onlyThese, refusingOthers } from './refuse.ts'

interface Params {
  readonly headers?: Readonly<Record<string, string>>
  readonly tags?: Tags
}

/** Sends a request, and records its durations as metrics, as k6 does. Resolves with a response of status 0 if the server did not answer. */
export async function asyncRequest(
  user: VirtualUser,
  registry: MetricRegistry,
  method: string,
  url: string,
  body: unknown,
  params: object,
): Promise<object> {
  onlyThese(params, ['headers', 'tags'], 'http.asyncRequest(params)')
  if (typeof url !== 'string' || !URL.canParse(url))
    throw new LoadError('SCRIPT_FAILED', `http.asyncRequest: expected an absolute URL, got "${url}".`)
  if (typeof body !== 'string' && body !== null && body !== undefined)
    throw new LoadError(
      'UNSUPPORTED',
      'http.asyncRequest: expected a text as the body, got a value of another type. This stand-in for k6 sends only texts.',
    )
  const { headers = {}, tags = {} } = params as Params
  const response = await user.http.send({ method: method.toUpperCase(), url, headers, body: body ?? null })
  note(registry, response, { name: url, ...user.tags(), method: method.toUpperCase(), url, status: String(response.status), ...tags })
  const { status, error, errorCode, timings } = response
  const found = { status, error, error_code: errorCode, headers: response.headers, body: response.body, timings, url }
  return refusingOthers(found, 'response')
}

function note(registry: MetricRegistry, { status, timings, bytesSent, bytesReceived }: RawResponse, given: Tags): void {
  const isExpected = status >= 200 && status < 400
  const tags = { ...given, expected_response: String(isExpected) }
  registry.add('http_reqs', 1, tags)
  registry.add('http_req_failed', Number(!isExpected), tags)
  registry.add('http_req_duration', timings.duration, tags)
  registry.add('http_req_blocked', timings.blocked, tags)
  registry.add('http_req_connecting', timings.connecting, tags)
  registry.add('http_req_tls_handshaking', timings.tls_handshaking, tags)
  registry.add('http_req_sending', timings.sending, tags)
  registry.add('http_req_waiting', timings.waiting, tags)
  registry.add('http_req_receiving', timings.receiving, tags)
  registry.add('data_sent', bytesSent, tags)
  registry.add('data_received', bytesReceived, tags)
}
