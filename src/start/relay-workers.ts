import { isWorkerMessage, type WorkerMessage } from './worker-messages.ts'

/** The primary's channel to a worker. */
export interface RelayedWorker {
  send(message: WorkerMessage): void
  onMessage(listener: (message: unknown) => void): void
  /** Registers a listener that is called once the worker is disconnected. */
  onGone(listener: () => void): void
}

/**
 * Forwards the request of one worker to all other workers. The request asks them to apply the invalidation log up to a position. The relay
 * replies to the first worker once each of the other workers has confirmed or is disconnected.
 */
export class WorkerRelay {
  readonly #workers = new Set<RelayedWorker>()
  readonly #asked = new Map<number, { readonly missing: Set<RelayedWorker>; readonly done: () => void }>()
  #questions = 0

  add(worker: RelayedWorker): void {
    this.#workers.add(worker)
    worker.onMessage((message) => {
      if (!isWorkerMessage(message)) return
      if (message.tidegate === 'applied') this.#answered(message.id, worker)
      else this.#ask(worker, message)
    })
    worker.onGone(() => {
      this.#workers.delete(worker)
      for (const id of this.#asked.keys()) this.#answered(id, worker)
    })
  }

  #ask(asker: RelayedWorker, message: WorkerMessage & { readonly tidegate: 'apply' }): void {
    const missing = new Set(this.#workers)
    missing.delete(asker)
    const done = () => {
      if (this.#workers.has(asker)) asker.send({ tidegate: 'applied', id: message.id })
    }
    if (missing.size === 0) {
      done()
      return
    }
    const id = ++this.#questions
    this.#asked.set(id, { missing, done })
    for (const worker of missing) worker.send({ ...message, id })
  }

  #answered(id: number, worker: RelayedWorker): void {
    const question = this.#asked.get(id)
    if (!question) return
    question.missing.delete(worker)
    if (question.missing.size > 0) return
    this.#asked.delete(id)
    question.done()
  }
}
