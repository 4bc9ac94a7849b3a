import { Cluster, type Redis } from 'ioredis'
import type { RemoteEntry, RemoteTier } from '../cache/index.ts'
import type { RedisClient } from './connect.ts'
import { ReadBatch } from './read-batch.ts'

/**
 * The engine's shared tier in Redis: one `SET key value PX ttl` an entry. What is read in one turn of the event loop is read by
 * one MGET; on a cluster, whose keys lie in different slots, by one GET a key, which the client sends in one pipeline to each node.
 */
export class RedisTier implements RemoteTier {
  readonly #client: RedisClient
  readonly #reads: ReadBatch
  readonly #onWritten: () => void

  /**
   * @param timeoutMs After this a read fails.
   * @param onWritten Told of each write that succeeded.
   */
  constructor(client: RedisClient, timeoutMs: number, onWritten: () => void) {
    this.#client = client
    this.#onWritten = onWritten
    this.#reads = new ReadBatch((keys) => readFrom(client, keys), timeoutMs)
  }

  getMany(keys: readonly string[]): Promise<readonly (Uint8Array | null)[]> {
    return this.#reads.getMany(keys)
  }

  async setMany(entries: readonly RemoteEntry[]): Promise<void> {
    if (this.#client instanceof Cluster) {
      const client = this.#client
      await Promise.all(entries.map(({ key, bytes, ttlMs }) => client.set(key, toBuffer(bytes), 'PX', ttlMs)))
      this.#onWritten()
      return
    }
    const pipeline = this.#client.pipeline()
    for (const { key, bytes, ttlMs } of entries) pipeline.set(key, toBuffer(bytes), 'PX', ttlMs)
    for (const [error] of (await pipeline.exec()) ?? []) if (error) throw error
    this.#onWritten()
  }

  async deleteMany(keys: readonly string[]): Promise<void> {
    await Promise.all(keys.map((key) => this.#client.unlink(key)))
  }

  async close(): Promise<void> {
    this.#client.disconnect()
  }
}

async function readFrom(client: Redis | Cluster, keys: readonly string[]): Promise<readonly (Buffer | null)[]> {
  const [only] = keys
  const reply: unknown =
    client instanceof Cluster
      ? await Promise.all(keys.map((key) => client.getBuffer(key)))
      : only !== undefined && keys.length === 1
        ? [await client.getBuffer(only)]
        : await client.mgetBuffer([...keys])
  if (!isReplyTo(keys, reply)) throw new Error(`Redis answered a read of ${keys.length} keys by something else: it is not used.`)
  return reply
}

/** A proxy, a server that is set back, or a stream that lost its place may answer anything: the client's types do not bind them. */
function isReplyTo(keys: readonly string[], reply: unknown): reply is readonly (Buffer | null)[] {
  return Array.isArray(reply) && reply.length === keys.length && reply.every((value) => value === null || Buffer.isBuffer(value))
}

function toBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}
