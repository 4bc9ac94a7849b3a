import { type Agent, type ClientRequest, type IncomingMessage, request } from 'node:http'

/** A result that a stream showed. */
export interface Shown {
  readonly version: number
  /** Time at which it arrived, by the clock of `performance.now()`, ms. */
  readonly at: number
}

export interface SubscriberOptions {
  readonly agent: Agent
  /** Returns the address of the process to connect to. */
  readonly url: () => string
  readonly authorization: string
  /** Body of the request. */
  readonly body: string
  /** Returns the version in a result. */
  readonly versionOf: (data: unknown) => number
}

/** Wait before a new connection, ms. */
const RETRY_MS = 100
const FIELD = /^(event|data|id): ?(.*)$/

/** One stream of a live query. It connects again when its connection ends, with the token of its last event. */
export class Subscriber {
  readonly shown: Shown[] = []
  /** Number of results whose version was lower than an earlier one. */
  backwards = 0
  connections = 0
  readonly #options: SubscriberOptions
  #lastId: string | undefined
  #request: ClientRequest | undefined
  #isClosed = false

  constructor(options: SubscriberOptions) {
    this.#options = options
  }

  open(): void {
    const { agent, url, authorization, body } = this.#options
    const headers = {
      authorization,
      accept: 'text/event-stream',
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(body),
      ...(this.#lastId === undefined ? {} : { 'last-event-id': this.#lastId }),
    }
    const opened = request(`${url()}/graphql`, { method: 'POST', agent, headers }, (response) => {
      if (response.statusCode === 200) this.connections++
      this.#read(response)
    })
    opened.on('error', () => undefined)
    opened.on('close', () => {
      if (!this.#isClosed) setTimeout(() => this.open(), RETRY_MS)
    })
    opened.end(body)
    this.#request = opened
  }

  close(): void {
    this.#isClosed = true
    this.#request?.destroy()
  }

  #read(response: IncomingMessage): void {
    let rest = ''
    response.setEncoding('utf8')
    response.on('error', () => undefined)
    response.on('data', (chunk: string) => {
      const events = (rest + chunk).split('\n\n')
      rest = events.pop() ?? ''
      for (const event of events) this.#take(event)
    })
  }

  #take(event: string): void {
    const fields = Object.fromEntries(event.split('\n').flatMap((line) => (FIELD.test(line) ? [FIELD.exec(line)?.slice(1) ?? []] : [])))
    if (fields.event !== 'next') return
    const { data } = JSON.parse(fields.data) as { readonly data?: unknown }
    if (!data) return
    if (fields.id !== undefined) this.#lastId = fields.id
    const version = this.#options.versionOf(data)
    if (version < (this.shown.at(-1)?.version ?? 0)) this.backwards++
    this.shown.push({ version, at: performance.now() })
  }
}
