import { type Agent, type ClientRequest, type IncomingMessage, request } from 'node:http'

/** A result of a live query. */
export interface LiveResult {
  readonly data: unknown
  readonly extensions: Readonly<Record<string, unknown>> | undefined
}

export interface SubscriberOptions {
  readonly agent: Agent
  /** Returns the address of the process to connect to. */
  readonly url: () => string
  readonly authorization: string
  /** Body of the request. */
  readonly body: string
  /** Called with each result that has data. */
  readonly onResult: (result: LiveResult) => void
}

/** Wait before a new connection, ms. */
const RETRY_MS = 100
const FIELD = /^(event|data|id): ?(.*)$/

/** One stream of a live query. It connects again when its connection ends, with the token of its last event. */
export class Subscriber {
  /** Number of connections that were answered with events. */
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
    const { data, extensions } = JSON.parse(fields.data) as Partial<LiveResult>
    if (!data) return
    if (fields.id !== undefined) this.#lastId = fields.id
    this.#options.onResult({ data, extensions })
  }
}
