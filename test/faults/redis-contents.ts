import { Redis } from 'ioredis'

export interface StoredValue {
  readonly key: string
  readonly bytes: Buffer
}

/** Reads and changes the contents of a Redis server, for faults that remove, restore or damage entries. */
export class RedisContents {
  readonly #client: Redis

  constructor(url: string) {
    this.#client = new Redis(url, { maxRetriesPerRequest: 0 })
    this.#client.on('error', () => undefined)
  }

  async flush(): Promise<void> {
    await this.#client.flushall()
  }

  async values(): Promise<readonly StoredValue[]> {
    const keys = await this.#client.keys('*')
    if (keys.length === 0) return []
    const values = await this.#client.mgetBuffer(keys)
    return keys.flatMap((key, index) => (values[index] ? [{ key, bytes: values[index] }] : []))
  }

  async put(values: readonly StoredValue[]): Promise<void> {
    const pipeline = this.#client.pipeline()
    for (const { key, bytes } of values) pipeline.set(key, bytes, 'PX', 900_000)
    await pipeline.exec()
  }

  /** Blocks the Redis server for the given time. */
  async sleep(seconds: number): Promise<void> {
    await this.#client.call('DEBUG', 'SLEEP', seconds)
  }

  async close(): Promise<void> {
    this.#client.disconnect()
  }
}
