import type { Position, Siblings } from '../engine/cache/log/siblings.ts'
import { isWorkerMessage, type WorkerMessage } from './worker-messages.ts'

/** A worker's channel to its primary. */
export interface Channel {
  send(message: WorkerMessage): void
  onMessage(listener: (message: unknown) => void): void
}

export interface WorkerSiblingsOptions {
  readonly channel: Channel
  /**
   * Time that a write waits for the other worker processes (siblings) to confirm, ms. It must be at least the staleness bound. By the end
   * of this time, a worker that has not confirmed has read the invalidation log after the write, or its lease has expired. The lease allows
   * a worker to serve cached values without reading the log. Without a lease, the worker must read the log before it serves a cached value.
   */
  readonly patienceMs: number
  readonly setTimer: (callback: () => void, delayMs: number) => { cancel(): void }
}

/**
 * Asks the other workers, through the primary, to apply the invalidation log up to a position. Only one request is in flight: all calls
 * that arrive meanwhile share the next request.
 */
export class WorkerSiblings implements Siblings {
  readonly #options: WorkerSiblingsOptions
  readonly #waiting = new Map<number, () => void>()
  #questions = 0
  #running: Promise<void> | undefined
  #next: { readonly answered: Promise<void>; position: Position } | undefined
  #onAsked: ((position: Position) => Promise<void>) | undefined

  constructor(options: WorkerSiblingsOptions) {
    this.#options = options
    options.channel.onMessage((message) => {
      if (!isWorkerMessage(message)) return
      if (message.tidegate === 'applied') this.#waiting.get(message.id)?.()
      else void this.#apply(message)
    })
  }

  applied(position: Position): Promise<void> {
    if (!this.#running) return this.#ask(position)
    if (this.#next) {
      if (position.clock > this.#next.position.clock) this.#next.position = position
      return this.#next.answered
    }
    const answered = this.#running.then(() => {
      const asked = this.#next?.position ?? position
      this.#next = undefined
      return this.#ask(asked)
    })
    this.#next = { answered, position }
    return answered
  }

  listen(onAsked: (position: Position) => Promise<void>): void {
    this.#onAsked = onAsked
  }

  #ask({ epoch, clock }: Position): Promise<void> {
    const { channel, patienceMs, setTimer } = this.#options
    const id = ++this.#questions
    const { promise, resolve } = Promise.withResolvers<void>()
    const timer = setTimer(resolve, patienceMs)
    this.#waiting.set(id, resolve)
    channel.send({ tidegate: 'apply', id, epoch, clock })
    const running = promise.finally(() => {
      timer.cancel()
      this.#waiting.delete(id)
      if (this.#running === running) this.#running = undefined
    })
    this.#running = running
    return running
  }

  async #apply({ id, epoch, clock }: { readonly id: number } & Position): Promise<void> {
    // If reading the log failed, this worker still confirms: it serves no cached value before it has read the log.
    await this.#onAsked?.({ epoch, clock }).catch(() => undefined)
    this.#options.channel.send({ tidegate: 'applied', id })
  }
}
