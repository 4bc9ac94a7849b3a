import { Cluster, type Redis } from 'ioredis'
import type { RemoteEntry, RemoteTier } from '../cache/index.ts'
import type { OpenStep } from '../cache/model/open-step.ts'
import type { RedisClient } from './connect.ts'
import type { RedisCommand } from './redis-observer.ts'
import { TimedBatch } from './timed-batch.ts'

/** Observes a command for which requests wait. Returns its step. */
export type BeginCommand = (command: RedisCommand) => OpenStep

export interface RedisTierOptions {
  /** Time after which a command for which requests wait fails, ms. */
  readonly timeoutMs: number
  /** Called after each write that succeeded. */
  readonly onWritten: () => void
  /** Observes the commands for which requests wait. No request waits for a write of entries. Default: nothing is observed. */
  readonly beginCommand?: BeginCommand | undefined
  /** Called after each command that Redis answered or that timed out, with its duration, ms. Default: nothing is measured. */
  readonly onCommand?: ((ms: number) => void) | undefined
}

/**
 * The shared cache tier in Redis: one `SET key value PX ttl` per entry. All reads of one turn of the event loop become one MGET. A cluster
 * stores the keys in different slots, so in a cluster the reads become one GET per key. The client sends the GETs for one node in one
 * pipeline.
 */
export class RedisTier implements RemoteTier {
  readonly #client: RedisClient
  readonly #reads: TimedBatch<string, Uint8Array | null>
  readonly #additions: TimedBatch<RemoteEntry, boolean>
  readonly #onWritten: () => void
  readonly #onCommand: ((ms: number) => void) | undefined
  readonly #timeoutMs: number

  /** Creates the tier for a connected client. */
  constructor(client: RedisClient, { timeoutMs, onWritten, beginCommand, onCommand }: RedisTierOptions) {
    this.#client = client
    this.#onWritten = onWritten
    this.#onCommand = onCommand
    this.#timeoutMs = timeoutMs
    const nameOf = (sent: number) => (client instanceof Cluster || sent === 1 ? 'GET' : 'MGET')
    const beginRead = beginCommand && ((keys: number, sent: number) => beginCommand({ name: nameOf(sent), keys }))
    this.#reads = new TimedBatch<string, Uint8Array | null>((keys) => this.#timed(() => readFrom(client, keys)), timeoutMs, beginRead)
    const beginAdding = beginCommand && ((keys: number) => beginCommand({ name: 'SET', keys }))
    this.#additions = new TimedBatch((entries) => this.#timed(() => addTo(client, entries)), timeoutMs, beginAdding)
  }

  getMany(keys: readonly string[]): Promise<readonly (Uint8Array | null)[]> {
    return this.#reads.run(keys)
  }

  setMany(entries: readonly RemoteEntry[]): Promise<void> {
    return this.#timed(() => this.#set(entries))
  }

  /** Runs a command and reports its duration. A command that failed at once, for lack of a connection, says nothing about the speed of Redis. */
  async #timed<Result>(command: () => Promise<Result>): Promise<Result> {
    if (!this.#onCommand) return command()
    const start = performance.now()
    let isAnswered = false
    try {
      const result = await command()
      isAnswered = true
      return result
    } finally {
      const ms = performance.now() - start
      if (isAnswered || ms >= this.#timeoutMs) this.#onCommand(ms)
    }
  }

  async #set(entries: readonly RemoteEntry[]): Promise<void> {
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

  addMany(entries: readonly RemoteEntry[]): Promise<readonly boolean[]> {
    return this.#additions.run(entries)
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
  if (!isReplyTo(keys, reply)) throw new Error(`Redis sent an unexpected reply to a read of ${keys.length} keys: the reply is ignored.`)
  return reply
}

async function addTo(client: Redis | Cluster, entries: readonly RemoteEntry[]): Promise<readonly boolean[]> {
  const replies: readonly unknown[] = await Promise.all(
    entries.map(({ key, bytes, ttlMs }) => client.set(key, toBuffer(bytes), 'PX', ttlMs, 'NX')),
  )
  return replies.map((reply) => {
    if (reply !== 'OK' && reply !== null) throw new Error('Redis sent an unexpected reply to a write: the reply is ignored.')
    return reply === 'OK'
  })
}

/**
 * Checks the type of a reply. A proxy, a restored server or a broken stream may send a reply of another type than the client library
 * declares.
 */
function isReplyTo(keys: readonly string[], reply: unknown): reply is readonly (Buffer | null)[] {
  return Array.isArray(reply) && reply.length === keys.length && reply.every((value) => value === null || Buffer.isBuffer(value))
}

function toBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}
