import { AsyncLocalStorage } from 'node:async_hooks'
import { setTimeout as startTimer } from 'node:timers'
import type { OpenStep } from '../cache/index.ts'

type Values = readonly (Uint8Array | null)[]

interface Waiting {
  readonly from: number
  readonly to: number
  readonly resolve: (values: Values) => void
  readonly reject: (error: unknown) => void
  /** Runs a function in the asynchronous context of the reader; undefined if nothing is observed. */
  readonly inContext: (<Result>(work: () => Result) => Result) | undefined
  /** The observed step; undefined before the batch is sent, or if nothing is observed. */
  step: OpenStep | undefined
}

/** Called when a batch is sent, once for each of its readers. @param keys Number of keys of the reader. @param sent Keys of the batch. */
export type BeginRead = (keys: number, sent: number) => OpenStep

interface Sent {
  readonly waiting: readonly Waiting[]
  /** Number of times that the timer had run when the batch was sent. */
  readonly check: number
}

/**
 * Maximum number of keys in one read. A huge reply would block the server, and if the read failed, the values of all its keys would be
 * lost.
 */
const MAX_KEYS = 512
/** Number of runs of the timer within the timeout of a read. Each run checks all reads in flight. */
const CHECKS = 4

/** Combines the reads of one turn of the event loop into one read with a timeout. */
export class ReadBatch {
  readonly #read: (keys: readonly string[]) => Promise<Values>
  readonly #timeoutMs: number
  readonly #beginRead: BeginRead | undefined
  readonly #sent = new Set<Sent>()
  #keys: string[] = []
  #waiting: Waiting[] = []
  #timer: NodeJS.Timeout | undefined
  #checks = 0

  /**
   * Creates an empty batch.
   * @param read Reads many keys with one command.
   * @param timeoutMs Timeout of a read, ms. A read fails after this time or up to a quarter of it later.
   * @param beginRead Observes the reads. Default: nothing is observed.
   */
  constructor(read: (keys: readonly string[]) => Promise<Values>, timeoutMs: number, beginRead?: BeginRead) {
    this.#read = read
    this.#timeoutMs = timeoutMs
    this.#beginRead = beginRead
  }

  getMany(keys: readonly string[]): Promise<Values> {
    if (keys.length === 0) return Promise.resolve([])
    return new Promise((resolve, reject) => {
      if (this.#keys.length === 0) process.nextTick(() => this.#flush())
      const from = this.#keys.length
      for (const key of keys) this.#keys.push(key)
      const inContext = this.#beginRead && AsyncLocalStorage.snapshot()
      this.#waiting.push({ from, to: this.#keys.length, resolve, reject, inContext, step: undefined })
      if (this.#keys.length >= MAX_KEYS) this.#flush()
    })
  }

  /** Sends the batch. Runs after the microtasks of the current turn of the event loop, when all reads of that turn have been added. */
  #flush(): void {
    const keys = this.#keys
    if (keys.length === 0) return
    const beginRead = this.#beginRead
    if (beginRead) for (const one of this.#waiting) one.step = one.inContext?.(() => beginRead(one.to - one.from, keys.length))
    const sent: Sent = { waiting: this.#waiting, check: this.#checks }
    this.#keys = []
    this.#waiting = []
    this.#sent.add(sent)
    if (!this.#timer) this.#timer = this.#startTimer()
    this.#read(keys).then(
      (values) => {
        this.#sent.delete(sent)
        for (const { from, to, resolve, step } of sent.waiting) {
          step?.end(undefined)
          resolve(to - from === values.length ? values : values.slice(from, to))
        }
      },
      (error) => this.#fail(sent, error),
    )
  }

  #fail(sent: Sent, error: unknown): void {
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
