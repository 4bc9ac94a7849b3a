import { Readable } from 'node:stream'

/** A comment, which clients ignore. It keeps proxies from closing the connection, and shows whether the client is still there. */
const HEARTBEAT = Buffer.from(':\n\n')

/**
 * The bytes of one stream of server-sent events. While the client reads slower than events come, only the newest event waits: an event
 * that has not been sent yet is replaced by the next one. So a slow client takes no more memory than a fast one.
 */
export class EventStream extends Readable {
  readonly #monotonic: () => number
  #pending: Uint8Array | undefined = HEARTBEAT
  #isWanted = false
  #isEnding = false
  #waitsSince: number | undefined

  /** @param monotonic Returns the time of the monotonic clock, ms. */
  constructor(monotonic: () => number) {
    // The stream reads nothing ahead, so that the newest event can still be replaced.
    super({ highWaterMark: 1 })
    this.#monotonic = monotonic
  }

  /** Time of the monotonic clock since which an event has been waiting for the client to read, ms; undefined if none waits. */
  get waitsSince(): number | undefined {
    return this.#waitsSince
  }

  /** Whether the last event was given to the stream. */
  get isEnding(): boolean {
    return this.#isEnding
  }

  /** Sends an event. It replaces an event that still waits. */
  offer(event: Uint8Array): void {
    if (this.#isEnding) return
    this.#put(event)
  }

  /** Sends a comment, unless an event waits. */
  beat(): void {
    if (!this.#isEnding && this.#isWanted) this.#put(HEARTBEAT)
  }

  /** Ends the stream. @param last Bytes of the last events, which replace an event that waits. Default: what waits is still sent. */
  finish(last?: Uint8Array): void {
    if (this.#isEnding) return
    this.#isEnding = true
    if (last) this.#pending = last
    if (this.#isWanted) this.#send()
  }

  override _read(): void {
    this.#isWanted = true
    this.#send()
  }

  #put(event: Uint8Array): void {
    this.#pending = event
    if (this.#isWanted) this.#send()
    else this.#waitsSince ??= this.#monotonic()
  }

  #send(): void {
    const event = this.#pending
    if (event) {
      this.#pending = undefined
      this.#waitsSince = undefined
      this.#isWanted = false
      this.push(event)
    }
    if (this.#isEnding && this.#pending === undefined) this.push(null)
  }
}
