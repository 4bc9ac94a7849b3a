import { setTimeout as startTimer } from 'node:timers'

type Values = readonly (Uint8Array | null)[]

interface Waiting {
  readonly from: number
  readonly to: number
  readonly resolve: (values: Values) => void
  readonly reject: (error: unknown) => void
}

interface Sent {
  readonly waiting: readonly Waiting[]
  /** Ordinal of the check before which it was sent. */
  readonly check: number
}

/** So that one reply neither holds up the server nor costs everyone's values when it fails. */
const MOST_KEYS = 512
/** One timer for all reads looks so often within the time that a read may take. */
const CHECKS = 4

/** Makes the reads of one turn of the event loop one read, which must answer in time. */
export class ReadBatch {
  readonly #read: (keys: readonly string[]) => Promise<Values>
  readonly #timeoutMs: number
  readonly #sent = new Set<Sent>()
  #keys: string[] = []
  #waiting: Waiting[] = []
  #timer: NodeJS.Timeout | undefined
  #checks = 0

  /** @param timeoutMs After this, or up to a quarter later, a read fails. */
  constructor(read: (keys: readonly string[]) => Promise<Values>, timeoutMs: number) {
    this.#read = read
    this.#timeoutMs = timeoutMs
  }

  getMany(keys: readonly string[]): Promise<Values> {
    if (keys.length === 0) return Promise.resolve([])
    return new Promise((resolve, reject) => {
      if (this.#keys.length === 0) process.nextTick(() => this.#flush())
      const from = this.#keys.length
      for (const key of keys) this.#keys.push(key)
      this.#waiting.push({ from, to: this.#keys.length, resolve, reject })
      if (this.#keys.length >= MOST_KEYS) this.#flush()
    })
  }

  /** Runs once the microtasks of the turn are done: whoever wants to read in it has said so. */
  #flush(): void {
    const keys = this.#keys
    if (keys.length === 0) return
    const sent: Sent = { waiting: this.#waiting, check: this.#checks }
    this.#keys = []
    this.#waiting = []
    this.#sent.add(sent)
    if (!this.#timer) this.#timer = this.#startTimer()
    this.#read(keys).then(
      (values) => {
        this.#sent.delete(sent)
        for (const { from, to, resolve } of sent.waiting) resolve(to - from === values.length ? values : values.slice(from, to))
      },
      (error) => this.#fail(sent, error),
    )
  }

  #fail(sent: Sent, error: unknown): void {
    this.#sent.delete(sent)
    for (const { reject } of sent.waiting) reject(error)
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
