import type { RedisClient } from '../../engine/redis/connect.ts'
import type { RecordStore, StoredRecord } from './record-store.ts'

/** Number of processes whose records are kept for each schema version. */
const MAX_PROCESSES = 16
/** Number of schema versions whose records are kept. */
const MAX_SCHEMAS = 4
/** Time after which a record that nobody replaced is deleted, ms. */
const LIFE_MS = 24 * 60 * 60 * 1000

/**
 * Stores the records in Redis. The record of each process is a string value. For each schema version, a sorted set contains the names of
 * the processes. One more sorted set contains all schema versions. Each command accesses only one key, so the commands also work in a Redis
 * cluster.
 */
export class RedisRecords implements RecordStore {
  readonly #client: RedisClient
  readonly #prefix: string

  constructor(client: RedisClient, prefix: string) {
    this.#client = client
    this.#prefix = prefix
  }

  async write(schema: string, process: string, bytes: Uint8Array, at: number): Promise<void> {
    const processes = this.#processesKey(schema)
    await Promise.all([
      this.#client.set(this.#recordKey(schema, process), Buffer.from(bytes), 'PX', LIFE_MS),
      this.#client.zadd(processes, at, process),
      this.#client.pexpire(processes, LIFE_MS),
      this.#client.zadd(this.#schemasKey(), at, schema),
      this.#client.zremrangebyrank(this.#schemasKey(), 0, -MAX_SCHEMAS - 1),
      this.#client.pexpire(this.#schemasKey(), LIFE_MS),
    ])
    const surplus = await this.#client.zrange(processes, 0, String(-MAX_PROCESSES - 1))
    for (const old of surplus) await Promise.all([this.#client.unlink(this.#recordKey(schema, old)), this.#client.zrem(processes, old)])
  }

  schemas(): Promise<readonly string[]> {
    return this.#client.zrevrange(this.#schemasKey(), 0, MAX_SCHEMAS - 1)
  }

  async read(schema: string): Promise<readonly StoredRecord[]> {
    const processes = await this.#client.zrevrange(this.#processesKey(schema), 0, MAX_PROCESSES - 1)
    const records = await Promise.all(
      processes.map(async (process) => ({ process, bytes: await this.#client.getBuffer(this.#recordKey(schema, process)) })),
    )
    return records.flatMap(({ process, bytes }) => (bytes ? [{ process, bytes }] : []))
  }

  #schemasKey(): string {
    return `${this.#prefix}:schemas`
  }

  #processesKey(schema: string): string {
    return `${this.#prefix}:${schema}`
  }

  #recordKey(schema: string, process: string): string {
    return `${this.#prefix}:${schema}:${process}`
  }
}
