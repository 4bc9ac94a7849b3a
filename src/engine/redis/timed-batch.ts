import { AsyncLocalStorage } from 'node:async_hooks'
import { setTimeout as startTimer } from 'node:timers'
import type { OpenStep } from '../cache/index.ts'

interface Waiting<Result> {
  readonly from: number
  readonly to: number
  readonly resolve: (results: readonly Result[]) => void
  readonly reject: (error: unknown) => void
  /** Runs a function in the asynchronous context of the caller; undefined if nothing is observed. */
  readonly inContext: (<Value>(work: () => Value) => Value) | undefined
  /** The observed step; undefined before the batch is sent, or if nothing is observed. */
  step: OpenStep | undefined
}

/** Called when a batch is sent, once for each of its callers. @param own Number of items of the caller. @param sent Number of items in all. */
export type BeginBatch = (own: number, sent: number) => OpenStep

interface Sent<Result> {
  readonly waiting: readonly Waiting<Result>[]
  /** Number of times that the timer had run when the batch was sent. */
  readonly check: number
}

/**
 * Maximum number of items in one batch. A huge reply would block the server, and if the batch failed, the results of all its items would be
 * lost.
 */
const MAX_ITEMS = 512
/** Number of runs of the timer within the timeout of a batch. Each run checks all batches in flight. */
const CHECKS = 4

/** Combines the commands of one turn of the event loop, such as reads of keys, into one command with a timeout. */
export class TimedBatch<Item, Result> {
  readonly #send: (items: readonly Item[]) => Promise<readonly Result[]>
  readonly #timeoutMs: number
  readonly #begin: BeginBatch | undefined
  readonly #sent = new Set<Sent<Result>>()
  #items: Item[] = []
  #waiting: Waiting<Result>[] = []
  #timer: NodeJS.Timeout | undefined
  #checks = 0

  /**
   * Creates an empty batch.
   * @param send Sends many items with one command, or with one pipeline. Resolves with their results in the same order.
   * @param timeoutMs Timeout of a batch, ms. A batch fails after this time or up to a quarter of it later.
   * @param begin Observes the batches. Default: nothing is observed.
   */
  constructor(send: (items: readonly Item[]) => Promise<readonly Result[]>, timeoutMs: number, begin?: BeginBatch) {
    this.#send = send
    this.#timeoutMs = timeoutMs
    this.#begin = begin
  }

  run(items: readonly Item[]): Promise<readonly Result[]> {
    if (items.length === 0) return Promise.resolve([])
    return new Promise((resolve, reject) => {
      if (this.#items.length === 0) process.nextTick(() => this.#flush())
      const from = this.#items.length
      for (const item of items) this.#items.push(item)
      const inContext = this.#begin && AsyncLocalStorage.snapshot()
      this.#waiting.push({ from, to: this.#items.length, resolve, reject, inContext, step: undefined })
      if (this.#items.length >= MAX_ITEMS) this.#flush()
    })
  }

  /** Sends the batch. Runs after the microtasks of the current turn of the event loop, when all items of that turn have been added. */
  #flush(): void {
    const items = this.#items
    if (items.length === 0) return
    const begin = this.#begin
    if (begin) for (const one of this.#waiting) one.step = one.inContext?.(() => begin(one.to - one.from, items.length))
    const sent: Sent<Result> = { waiting: this.#waiting, check: this.#checks }
    this.#items = []
    this.#waiting = []
    this.#sent.add(sent)
    if (!this.#timer) this.#timer = this.#startTimer()
    this.#send(items).then(
      (results) => {
        this.#sent.delete(sent)
        for (const { from, to, resolve, step } of sent.waiting) {
          step?.end(undefined)
          resolve(to - from === results.length ? results : results.slice(from, to))
        }
      },
      (error) => this.#fail(sent, error),
    )
  }

  #fail(sent: Sent<Result>, error: unknown): void {
    this.#sent.delete(sent)
    for (const { reject, step } of sent.waiting) {
      step?.fail(error)
      reject(error)
    }
  }

  #startTimer(): NodeJS.Timeout {
    return startTimer(() => this.#check(), this.#timeoutMs / CHECKS).unref()
  }

  #check(): void {
    this.#checks++
    this.#timer = this.#sent.size > 0 ? this.#startTimer() : undefined
    for (const sent of this.#sent) {
      if (this.#checks - sent.check > CHECKS) this.#fail(sent, new Error(`Redis did not answer within ${this.#timeoutMs} ms.`))
    }
  }
}
