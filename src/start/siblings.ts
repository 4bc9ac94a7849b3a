import type { Position, Siblings } from '../cache/siblings.ts'
import { isWorkerMessage, type WorkerMessage } from './worker-messages.ts'

/** This process's end of the channel to its primary. */
export interface Channel {
  send(message: WorkerMessage): void
  onMessage(listener: (message: unknown) => void): void
}

export interface WorkerSiblingsOptions {
  readonly channel: Channel
  /**
   * After this a sibling that has not answered does not hold up a write any more, ms. It must be at least the staleness bound: by
   * then the sibling has read the log after the write, or serves no copy without reading it.
   */
  readonly patienceMs: number
  readonly setTimer: (callback: () => void, delayMs: number) => { cancel(): void }
}

/** The other workers, asked through the primary. All who ask while one question is on its way share the next. */
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
    // A worker that does not follow the log yet, or cannot, serves no copies.
    await this.#onAsked?.({ epoch, clock }).catch(() => undefined)
    this.#options.channel.send({ tidegate: 'applied', id })
  }
}
