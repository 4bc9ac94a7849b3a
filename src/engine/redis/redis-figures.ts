import { Cluster, type Redis } from 'ioredis'
import type { RedisClient } from './connect.ts'
import { parseInfo } from './info.ts'

/** Figures of one Redis server, as its command INFO gives them. A figure that this version of Redis does not give is undefined. */
export interface RedisFigures {
  /** `host:port` of the node of a cluster; `primary` for the server of a single address or of sentinels. */
  readonly node: string
  readonly version: string
  /** Policy for evictions, such as `allkeys-lru` or `noeviction`. */
  readonly policy: string
  /** Commands processed since the server started. */
  readonly commands: number | undefined
  readonly keyspaceHits: number | undefined
  readonly keyspaceMisses: number | undefined
  readonly evictedKeys: number | undefined
  readonly expiredKeys: number | undefined
  /** Connections refused because the server had as many clients as it accepts. */
  readonly rejectedConnections: number | undefined
  readonly memoryUsedBytes: number | undefined
  /** Memory limit, bytes. 0 means no limit. */
  readonly memoryMaxBytes: number | undefined
  readonly clients: number | undefined
  readonly maxClients: number | undefined
  readonly blockedClients: number | undefined
}

/**
 * Reads the figures of the server, or of each primary of a cluster. @throws if a server does not answer, or refuses INFO to this user.
 * The caller limits the time.
 */
export async function readRedisFigures(client: RedisClient): Promise<readonly RedisFigures[]> {
  if (!(client instanceof Cluster)) return [await readNode(client, 'primary')]
  return Promise.all(client.nodes('master').map((node) => readNode(node, `${node.options.host}:${node.options.port}`)))
}

async function readNode(client: Redis, node: string): Promise<RedisFigures> {
  return figuresOf(node, parseInfo(await client.info()))
}

function figuresOf(node: string, values: ReadonlyMap<string, string>): RedisFigures {
  const numberOf = (name: string) => {
    const value = values.get(name)
    return value === undefined || !Number.isFinite(Number(value)) ? undefined : Number(value)
  }
  return {
    node,
    version: values.get('redis_version') ?? '',
    policy: values.get('maxmemory_policy') ?? '',
    commands: numberOf('total_commands_processed'),
    keyspaceHits: numberOf('keyspace_hits'),
    keyspaceMisses: numberOf('keyspace_misses'),
    evictedKeys: numberOf('evicted_keys'),
    expiredKeys: numberOf('expired_keys'),
    rejectedConnections: numberOf('rejected_connections'),
    memoryUsedBytes: numberOf('used_memory'),
    memoryMaxBytes: numberOf('maxmemory'),
    clients: numberOf('connected_clients'),
    maxClients: numberOf('maxclients'),
    blockedClients: numberOf('blocked_clients'),
  }
}
