import { Agent, type ClientRequest, type IncomingMessage, request } from 'node:http'
import { Agent as SecureAgent, request as secureRequest } from 'node:https'
import type { Socket } from 'node:net'

/** Durations of the phases of a request as k6 defines them, ms. `duration` is the sum of sending, waiting and receiving. */
export interface Timings {
  readonly blocked: number
  readonly connecting: number
  readonly tls_handshaking: number
  readonly sending: number
  readonly waiting: number
  readonly receiving: number
  readonly duration: number
}

export interface RawResponse {
  /** HTTP status; 0 if there was no response. */
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | null
  /** Description of the failure; empty if there was a response. */
  readonly error: string
  readonly errorCode: number
  readonly timings: Timings
  readonly bytesSent: number
  readonly bytesReceived: number
}

export interface Message {
  readonly method: string
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | null
}

const TIMEOUT_MS = 60_000
/** Error codes of k6, by the code of the Node.js error. */
const ERROR_CODES: Readonly<Record<string, number>> = {
  ENOTFOUND: 1101,
  ETIMEDOUT: 1050,
  ECONNREFUSED: 1212,
  ECONNRESET: 1220,
  EPIPE: 1220,
}

/** HTTP client of one virtual user. As in k6, virtual users share no connections. */
export class HttpClient {
  readonly #agent = new Agent({ keepAlive: true })
  readonly #secureAgent = new SecureAgent({ keepAlive: true })

  /** Sends a request. Never rejects: a failure is a response with status 0. */
  send(message: Message): Promise<RawResponse> {
    return new Promise((resolve) => new Exchange(message, this.#agent, this.#secureAgent, resolve))
  }

  /** Closes all connections, which also aborts the requests in flight. */
  close(): void {
    this.#agent.destroy()
    this.#secureAgent.destroy()
  }
}

/** One HTTP request with the times at which its phases began, in ms of `performance.now()`. */
class Exchange {
  readonly #started = performance.now()
  readonly #resolve: (response: RawResponse) => void
  readonly #request: ClientRequest
  #socket: Socket | undefined
  #written = 0
  #read = 0
  #assigned: number | undefined
  #connected: number | undefined
  #secured: number | undefined
  #sent: number | undefined
  #answered: number | undefined

  constructor({ method, url, headers, body }: Message, agent: Agent, secureAgent: SecureAgent, resolve: (response: RawResponse) => void) {
    this.#resolve = resolve
    const isSecure = url.startsWith('https:')
    const length = body === null ? {} : { 'content-length': String(Buffer.byteLength(body)) }
    const options = { method, headers: { ...headers, ...length }, timeout: TIMEOUT_MS }
    this.#request = isSecure ? secureRequest(url, { ...options, agent: secureAgent }) : request(url, { ...options, agent })
    this.#request.on('socket', (socket) => this.#onSocket(socket, isSecure))
    this.#request.on('finish', () => {
      this.#sent = performance.now()
    })
    this.#request.on('response', (response) => this.#onResponse(response))
    this.#request.on('timeout', () => this.#request.destroy(Object.assign(new Error('request timeout'), { code: 'ETIMEDOUT' })))
    this.#request.on('error', (error: NodeJS.ErrnoException) => this.#end(0, {}, null, error))
    this.#request.end(body)
  }

  #onSocket(socket: Socket, isSecure: boolean): void {
    this.#assigned = performance.now()
    this.#socket = socket
    this.#written = socket.bytesWritten
    this.#read = socket.bytesRead
    if (!socket.connecting) return
    socket.once('connect', () => {
      this.#connected = performance.now()
    })
    if (isSecure)
      socket.once('secureConnect', () => {
        this.#secured = performance.now()
      })
  }

  #onResponse(response: IncomingMessage): void {
    this.#answered = performance.now()
    const parts: Buffer[] = []
    response.on('data', (part: Buffer) => parts.push(part))
    response.on('error', (error: NodeJS.ErrnoException) => this.#end(0, {}, null, error))
    response.on('end', () => this.#end(response.statusCode ?? 0, headersOf(response), Buffer.concat(parts).toString()))
  }

  #end(status: number, headers: Readonly<Record<string, string>>, body: string | null, error?: NodeJS.ErrnoException): void {
    const ended = performance.now()
    const assigned = this.#assigned ?? ended
    const connected = this.#connected ?? assigned
    const ready = this.#secured ?? connected
    const sent = Math.max(ready, this.#sent ?? ended)
    const answered = Math.max(sent, this.#answered ?? ended)
    this.#resolve({
      status,
      headers,
      body,
      error: error ? error.message || String(error.code) : '',
      errorCode: error ? (ERROR_CODES[error.code ?? ''] ?? 1000) : 0,
      timings: {
        blocked: assigned - this.#started,
        connecting: connected - assigned,
        tls_handshaking: ready - connected,
        sending: sent - ready,
        waiting: answered - sent,
        receiving: ended - answered,
        duration: ended - ready,
      },
      bytesSent: (this.#socket?.bytesWritten ?? 0) - this.#written,
      bytesReceived: (this.#socket?.bytesRead ?? 0) - this.#read,
    })
  }
}

/**
 * Returns the headers. Each part of a name begins with a capital letter, such as `X-Cache-Level`. k6 returns the names in the same form.
 */
function headersOf(response: IncomingMessage): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(response.headersDistinct).map(([name, values]) => [
      name.replace(/(^|-)[a-z]/g, (letter) => letter.toUpperCase()),
      (values ?? []).join(', '),
    ]),
  )
}
