import { Cluster } from 'ioredis'
import type { RemoteEntry, RemoteTier } from '../cache/index.ts'
import type { RedisClient } from './connect.ts'

/**
 * The engine's shared tier in Redis: one `SET key value PX ttl` an entry, MGET for many keys (on a cluster, whose keys lie in
 * different slots, one GET a key; the client sends all of a turn in one pipeline to each node).
 */
export class RedisTier implements RemoteTier {
  readonly #client: RedisClient

  constructor(client: RedisClient) {
    this.#client = client
  }

  async getMany(keys: readonly string[]): Promise<readonly (Uint8Array | null)[]> {
    const [only] = keys
    if (keys.length === 1 && only !== undefined) return [await this.#client.getBuffer(only)]
    if (this.#client instanceof Cluster) return Promise.all(keys.map((key) => this.#client.getBuffer(key)))
    return this.#client.mgetBuffer([...keys])
  }

  async setMany(entries: readonly RemoteEntry[]): Promise<void> {
    await Promise.all(entries.map(({ key, bytes, ttlMs }) => this.#client.set(key, Buffer.from(bytes), 'PX', ttlMs)))
  }

  async deleteMany(keys: readonly string[]): Promise<void> {
    await Promise.all(keys.map((key) => this.#client.unlink(key)))
  }

  async close(): Promise<void> {
    this.#client.disconnect()
  }
}
