import type { EventStream } from '#src/gateway/live/event-stream.ts'

/** A result as a client of a live query gets it. */
export interface Delivered {
  readonly data?: unknown
  readonly errors?: readonly { readonly message: string; readonly extensions: { readonly code: string } }[]
  readonly extensions?: { readonly consistencyToken?: string; readonly stale?: { readonly reason: string } }
}

export interface ReadEvent {
  readonly event: string
  readonly id: string | undefined
  readonly result: Delivered | undefined
}

/** Reads the events of a stream, as a client does. */
export class LiveReader {
  readonly events: ReadEvent[] = []
  isClosed = false
  #text = ''

  constructor(stream: EventStream) {
    stream.on('data', (bytes: Buffer) => this.#read(bytes.toString()))
    stream.once('close', () => {
      this.isClosed = true
    })
  }

  get results(): readonly Delivered[] {
    return this.events.flatMap(({ result }) => result ?? [])
  }

  get last(): Delivered | undefined {
    return this.results.at(-1)
  }

  get token(): string | undefined {
    return this.last?.extensions?.consistencyToken
  }

  get isComplete(): boolean {
    return this.events.some(({ event }) => event === 'complete')
  }

  #read(text: string): void {
    this.#text += text
    const parts = this.#text.split('\n\n')
    this.#text = parts.pop() ?? ''
    for (const part of parts) {
      const fields = new Map(part.split('\n').map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1).trim()]))
      const event = fields.get('event')
      const data = fields.get('data')
      if (event !== undefined) this.events.push({ event, id: fields.get('id'), result: data ? (JSON.parse(data) as Delivered) : undefined })
    }
  }
}
