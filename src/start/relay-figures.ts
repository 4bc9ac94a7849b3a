import { type Figures, remainsOf } from '../operations/telemetry/figures.ts'
import { type FigureMessage, isFigureMessage } from './figure-messages.ts'

/** The primary's channel to a worker. */
export interface CountingWorker {
  send(message: FigureMessage): void
  onMessage(listener: (message: unknown) => void): void
  onGone(listener: () => void): void
}

export interface FigureRelayOptions {
  /**
   * Time to wait for the metrics of the other workers, ms. A worker that has not answered by then is counted with the metrics that it sent
   * last.
   */
  readonly patienceMs: number
  readonly setTimer: (callback: () => void, delayMs: number) => { cancel(): void }
}

/**
 * Collects, in the primary, the metrics of all workers for the worker that is scraped. The counts of ended workers are kept, so that no
 * counter ever decreases.
 */
export class FigureRelay {
  readonly #options: FigureRelayOptions
  readonly #latest = new Map<CountingWorker, Figures>()
  readonly #asked = new Map<number, { readonly missing: Set<CountingWorker>; readonly done: () => void }>()
  #remains: Promise<Figures> = Promise.resolve([])
  #questions = 0

  constructor(options: FigureRelayOptions) {
    this.#options = options
  }

  add(worker: CountingWorker): void {
    this.#latest.set(worker, [])
    worker.onMessage((message) => {
      if (!isFigureMessage(message)) return
      if (message.figures === 'all') {
        this.#latest.set(worker, message.own)
        void this.#answer(worker, message.id)
      } else if (message.figures === 'said') {
        this.#latest.set(worker, message.own)
        this.#said(message.id, worker)
      }
    })
    worker.onGone(() => {
      const last = this.#latest.get(worker) ?? []
      this.#latest.delete(worker)
      this.#remains = this.#remains.then((remains) => remainsOf([remains, last]))
      for (const id of this.#asked.keys()) this.#said(id, worker)
    })
  }

  async #answer(asker: CountingWorker, id: number): Promise<void> {
    await this.#ask([...this.#latest.keys()].filter((worker) => worker !== asker))
    const remains = await this.#remains
    if (!this.#latest.has(asker)) return
    const others = [...this.#latest].filter(([worker]) => worker !== asker).map(([, figures]) => figures)
    asker.send({ figures: 'gathered', id, others: [remains, ...others] })
  }

  #ask(workers: readonly CountingWorker[]): Promise<void> {
    if (workers.length === 0) return Promise.resolve()
    const { promise, resolve } = Promise.withResolvers<void>()
    const id = ++this.#questions
    const done = () => {
      timer.cancel()
      this.#asked.delete(id)
      resolve()
    }
    const timer = this.#options.setTimer(done, this.#options.patienceMs)
    this.#asked.set(id, { missing: new Set(workers), done })
    for (const worker of workers) worker.send({ figures: 'own', id })
    return promise
  }

  #said(id: number, worker: CountingWorker): void {
    const question = this.#asked.get(id)
    if (question?.missing.delete(worker) && question.missing.size === 0) question.done()
  }
}
