import type { Socket } from 'node:net'

type Listener = () => void
type ChunkListener = (chunk: Buffer) => void

interface Consumed {
  readonly parser?: { _consumed?: boolean; consume?: (handle: object) => void } | null
  readonly _handle?: { readonly _consumed?: boolean } | null
}

/** The events of a connection that node:http listens to only as long as its parser reads the connection itself. */
const OF_THE_PARSER = ['pause', 'resume'] as const

/** Takes the bytes of a connection before node:http parses them, and gives the connection back. */
export class Reading {
  readonly #socket: Socket
  readonly #parse: ChunkListener
  #receive: ChunkListener | undefined
  #ofTheParser: readonly (readonly [(typeof OF_THE_PARSER)[number], Listener])[] = []

  /** @returns undefined if node:http does not read the connection as expected. */
  static of(socket: Socket): Reading | undefined {
    // Undocumented, see docs/internals.md: `http.Server parses in its only data listener`
    const [parse, ...others] = socket.listeners('data') as ChunkListener[]
    return parse && others.length === 0 ? new Reading(socket, parse) : undefined
  }

  private constructor(socket: Socket, parse: ChunkListener) {
    this.#socket = socket
    this.#parse = parse
  }

  /** Calls `receive` for each chunk, instead of node:http. */
  take(receive: ChunkListener): void {
    const before = OF_THE_PARSER.flatMap((event) => this.#socket.listeners(event).map((listener) => [event, listener as Listener] as const))
    this.#receive = receive
    this.#socket.removeListener('data', this.#parse)
    this.#socket.on('data', receive)
    this.#ofTheParser = before.filter(([event, listener]) => !this.#socket.listeners(event).includes(listener))
  }

  /** Lets node:http parse a chunk. */
  parse(chunk: Buffer): void {
    this.#parse.call(this.#socket, chunk)
  }

  /** Lets node:http get all later chunks. It goes on to read them by the listener of `data`. */
  giveUp(): void {
    if (this.#receive) this.#socket.removeListener('data', this.#receive)
    this.#socket.on('data', this.#parse)
  }

  /**
   * Lets node:http read all later bytes, by its parser if it did so before: then a request takes less time, because no chunk is made of its
   * bytes. Call it only between two requests. A connection on which something is left to be sent, or that is paused, is only given up.
   */
  giveBack(): void {
    this.giveUp()
    // Undocumented, see docs/internals.md: `http.Server reads a connection by its parser`
    const { parser, _handle: handle } = this.#socket as Socket & Consumed
    const isTakenFromParser = handle?._consumed && parser?._consumed === false
    if (!isTakenFromParser || !parser.consume || this.#socket.writableLength > 0 || this.#socket.isPaused()) return
    parser._consumed = true
    for (const [event, listener] of this.#ofTheParser) this.#socket.on(event, listener)
    parser.consume(handle)
  }
}
