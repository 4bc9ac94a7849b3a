import { Agent, type IncomingHttpHeaders, request } from 'node:http'
import type { Operation } from './cases.ts'

export interface Answer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly bytes: Buffer
  /** Time from sending the request to the last byte of the response, ms. */
  readonly ms: number
  /** Returns the `data` of the response. @throws when the response has errors or is not JSON. */
  data(): unknown
}

export interface Question {
  readonly method: 'GET' | 'POST'
  readonly headers: Readonly<Record<string, string>>
  /** Path of the URL with the query string. */
  readonly path: string
  readonly body?: string
}

/** HTTP client that reuses its connections for later requests. */
export class Client {
  readonly #agent = new Agent({ keepAlive: true, maxSockets: Number.POSITIVE_INFINITY })

  /** Sends a request. @param url Address of the server, without a path. */
  ask(url: string, { method, headers, path, body }: Question): Promise<Answer> {
    const started = performance.now()
    return new Promise((resolve, reject) => {
      const sent = request(`${url}${path}`, { method, headers, agent: this.#agent }, (response) => {
        const parts: Buffer[] = []
        response.on('data', (part: Buffer) => parts.push(part))
        response.on('error', reject)
        response.on('end', () => {
          const bytes = Buffer.concat(parts)
          const ms = performance.now() - started
          resolve({ status: response.statusCode ?? 0, headers: response.headers, bytes, ms, data: () => dataOf(bytes) })
        })
      })
      sent.on('error', reject)
      sent.end(body)
    })
  }

  close(): void {
    this.#agent.destroy()
  }
}

/** Returns a POST request with the operation in its body. */
export function post(operation: Operation, authorization: string): Question {
  const headers = { 'content-type': 'application/json', authorization }
  const body = JSON.stringify(operation)
  return { method: 'POST', path: '/graphql', headers: { ...headers, 'content-length': String(Buffer.byteLength(body)) }, body }
}

/** Returns a GET request with the operation in its query string. */
export function get({ query, variables }: Operation, authorization: string): Question {
  const search = new URLSearchParams({ query, ...(variables ? { variables: JSON.stringify(variables) } : {}) })
  return { method: 'GET', path: `/graphql?${search}`, headers: { 'apollo-require-preflight': 'true', authorization } }
}

function dataOf(bytes: Buffer): unknown {
  const { data, errors } = JSON.parse(bytes.toString()) as { readonly data?: unknown; readonly errors?: unknown }
  if (errors !== undefined || data === undefined)
    throw new Error(`Expected a GraphQL response with data and without errors, got ${bytes.toString().slice(0, 500)}`)
  return data
}
