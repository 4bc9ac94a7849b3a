import type { Env } from '../../../engine/cache/model/env.ts'
import type { DatabaseHandle } from '../../../engine/postgres/open-database.ts'
import type { RedisHandle } from '../../../engine/redis/open-redis.ts'
import { readRedisFigures } from '../../../engine/redis/redis-figures.ts'
import type { Stats } from '../contract.ts'
import type { KnownInstance } from '../instances/instance-registry.ts'
import { slowestOf } from './slowness.ts'

export interface ServerFiguresOptions {
  readonly database: Pick<DatabaseHandle, 'readFigures'>
  readonly redis: RedisHandle | undefined
  readonly env: Pick<Env, 'setTimer'>
}

const PATIENCE_MS = 1000

/** Reads what Redis and PostgreSQL say about themselves. A server that does not answer in time counts as not reachable. */
export class ServerFigures {
  readonly #options: ServerFiguresOptions

  constructor(options: ServerFiguresOptions) {
    this.#options = options
  }

  /** @param alive Processes that are alive. */
  async redis(alive: readonly KnownInstance[]): Promise<Stats['redis']> {
    const { redis } = this.#options
    if (!redis) return null
    const nodes = await this.#inTime(readRedisFigures(redis.client))
    const sum = (pick: (node: NonNullable<typeof nodes>[number]) => number | undefined) =>
      nodes ? nodes.reduce((total, node) => total + (pick(node) ?? 0), 0) : null
    return {
      isReady: redis.isReady(),
      isWritable: redis.isWritable(),
      usedMemoryBytes: sum(({ memoryUsedBytes }) => memoryUsedBytes),
      maxMemoryBytes: sum(({ memoryMaxBytes }) => memoryMaxBytes),
      maxMemoryPolicy: nodes?.[0]?.policy ?? null,
      connectedClients: sum(({ clients }) => clients),
      evictedKeys: sum(({ evictedKeys }) => evictedKeys),
      keyspaceHits: sum(({ keyspaceHits }) => keyspaceHits),
      keyspaceMisses: sum(({ keyspaceMisses }) => keyspaceMisses),
      commands: slowestOf('redis', alive),
    }
  }

  /** @param alive Processes that are alive. */
  async postgres(alive: readonly KnownInstance[]): Promise<NonNullable<Stats['postgres']>> {
    const figures = await this.#inTime(this.#options.database.readFigures(PATIENCE_MS))
    return {
      isReachable: figures !== undefined,
      version: figures?.version ?? null,
      connections: figures?.connections ?? null,
      maxConnections: figures?.maxConnections ?? null,
      logRows: figures?.tables.find(({ name }) => name === 'log')?.rows ?? null,
      statements: slowestOf('statement', alive),
      connectionWaits: slowestOf('connection', alive),
    }
  }

  async #inTime<Value>(reading: Promise<Value>): Promise<Value | undefined> {
    const late = Promise.withResolvers<undefined>()
    const timer = this.#options.env.setTimer(() => late.resolve(undefined), PATIENCE_MS)
    return Promise.race([reading.catch(() => undefined), late.promise]).finally(() => timer.cancel())
  }
}
