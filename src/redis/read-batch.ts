type ReadMany = (keys: readonly string[]) => Promise<readonly (Uint8Array | null)[]>

interface Waiting {
  readonly from: number
  readonly to: number
  readonly resolve: (values: readonly (Uint8Array | null)[]) => void
  readonly reject: (error: unknown) => void
}

/** So that one reply neither holds up the server nor costs everyone's values when it fails. */
const MOST_KEYS = 512

/** Makes the reads of one turn of the event loop one read. */
export class ReadBatch {
  readonly #read: ReadMany
  #keys: string[] = []
  #waiting: Waiting[] = []

  constructor(read: ReadMany) {
    this.#read = read
  }

  getMany(keys: readonly string[]): Promise<readonly (Uint8Array | null)[]> {
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
    const waiting = this.#waiting
    if (keys.length === 0) return
    this.#keys = []
    this.#waiting = []
    this.#read(keys).then(
      (values) => {
        for (const { from, to, resolve } of waiting) resolve(to - from === values.length ? values : values.slice(from, to))
      },
      (error) => {
        for (const { reject } of waiting) reject(error)
      },
    )
  }
}
