import type { Figures, OtherProcesses } from '../operations/telemetry/figures.ts'
import { type FigureMessage, isFigureMessage } from './figure-messages.ts'

export interface WorkerFiguresOptions {
  readonly channel: { send(message: FigureMessage): void; onMessage(listener: (message: unknown) => void): void }
  /** Time after which reading the metrics fails, ms. A gap in the metrics is better than an incomplete sum. */
  readonly patienceMs: number
  readonly setTimer: (callback: () => void, delayMs: number) => { cancel(): void }
}

/** Fetches the metrics of the other workers through the primary. */
export class WorkerFigures implements OtherProcesses {
  readonly #options: WorkerFiguresOptions
  readonly #waiting = new Map<number, (others: readonly Figures[]) => void>()
  #read: () => Promise<Figures> = async () => []
  #questions = 0

  constructor(options: WorkerFiguresOptions) {
    this.#options = options
    options.channel.onMessage((message) => {
      if (!isFigureMessage(message)) return
      if (message.figures === 'own') void this.#say(message.id)
      else if (message.figures === 'gathered') this.#waiting.get(message.id)?.(message.others)
    })
  }

  provide(read: () => Promise<Figures>): void {
    this.#read = read
  }

  async ask(own: Figures): Promise<readonly Figures[]> {
    const { channel, patienceMs, setTimer } = this.#options
    const id = ++this.#questions
    const { promise, resolve, reject } = Promise.withResolvers<readonly Figures[]>()
    const timer = setTimer(
      () => reject(new Error(`The primary did not send the other workers' metrics within ${patienceMs} ms.`)),
      patienceMs,
    )
    this.#waiting.set(id, resolve)
    channel.send({ figures: 'all', id, own })
    return promise.finally(() => {
      timer.cancel()
      this.#waiting.delete(id)
    })
  }

  async #say(id: number): Promise<void> {
    this.#options.channel.send({ figures: 'said', id, own: await this.#read() })
  }
}
