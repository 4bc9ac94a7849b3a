import { Cluster, type Redis } from 'ioredis'
import { parseRedisAddress } from './address.ts'
import { connect, type RedisClient } from './connect.ts'
import { parseInfo } from './info.ts'
import { replyCode } from './reply-code.ts'

export interface InspectRedisOptions {
  /** Connection string of Redis. */
  readonly url: string
  /** PEM of the CA that signed the server's certificate. */
  readonly ca: string | undefined
  /** Prefix of the gateway's keys and channels. */
  readonly prefix: string
  /** Maximum time for the connection and for each command, ms. */
  readonly deadlineMs: number
  readonly setTimer: (callback: () => void, delayMs: number) => { cancel(): void }
  readonly monotonic: () => number
}

/** Facts about one Redis server, as far as the gateway depends on them. */
export interface RedisInspection {
  /** Host and port. */
  readonly address: string
  readonly version: string
  /** Shortest time of five round trips, ms. */
  readonly roundTripMs: number
  readonly isReplica: boolean
  readonly isCluster: boolean
  /** Value of `maxmemory`, bytes; 0 means no limit. */
  readonly maxMemoryBytes: number
  readonly usedMemoryBytes: number
  readonly evictionPolicy: string
  readonly evictedKeys: number
  /** Value of `maxclients`; undefined if the server does not tell it. */
  readonly maxClients: number | undefined
  readonly connectedClients: number
  /** Commands that the gateway sends and that the server refused, each with the server's message. */
  readonly refused: readonly { readonly command: string; readonly code: string | undefined; readonly message: string }[]
}

const ROUND_TRIPS = 5
/** Codes of replies that say that another server of the cluster has the key. They are no refusal of the command. */
const ELSEWHERE: ReadonlySet<string> = new Set(['MOVED', 'ASK', 'CROSSSLOT', 'CLUSTERDOWN'])

/**
 * Commands that the gateway sends. They change nothing: they write only to keys that exist, and no such key exists. SET is refused by a
 * replica and by a server whose memory is full, even if it would change nothing.
 */
const trials = (key: string, channel: string): readonly (readonly [name: string, ...args: string[]])[] => [
  ['GET', key],
  ['SET', key, '', 'PX', '1', 'XX'],
  ['UNLINK', key],
  ['ZADD', key, 'XX', '0', 'member'],
  ['EVAL', 'return 1', '1', key],
  ['PUBLISH', channel, ''],
]

/**
 * Inspects the Redis server, or each primary of a cluster. Changes nothing.
 * @throws GatewayError CONFIGURATION for a malformed connection string; an error of the driver or of the server if no connection is accepted.
 */
export async function inspectRedis(options: InspectRedisOptions): Promise<readonly RedisInspection[]> {
  const { url, ca, deadlineMs, setTimer } = options
  const { promise: failed, reject } = Promise.withResolvers<never>()
  const client = connect(parseRedisAddress(url), {
    commandTimeoutMs: deadlineMs,
    connectionName: 'tidegate-doctor',
    onError: reject,
    onReadOnly: () => false,
    ...(ca === undefined ? {} : { ca }),
  })
  const timer = setTimer(() => reject(new Error(`Redis did not answer within ${deadlineMs} ms.`)), 3 * deadlineMs)
  try {
    return await Promise.race([inspectAll(client, options), failed])
  } finally {
    timer.cancel()
    client.disconnect()
  }
}

async function inspectAll(client: RedisClient, options: InspectRedisOptions): Promise<readonly RedisInspection[]> {
  if (client.status !== 'ready') await new Promise<void>((resolve) => void client.once('ready', resolve))
  const servers = client instanceof Cluster ? client.nodes('master') : [client]
  const found: RedisInspection[] = []
  for (const server of servers) found.push(await inspect(server, options))
  return found
}

async function inspect(server: Redis, { prefix, monotonic }: InspectRedisOptions): Promise<RedisInspection> {
  const info = parseInfo(await server.info())
  const number = (name: string) => Number(info.get(name) ?? 0)
  let roundTripMs = Number.POSITIVE_INFINITY
  for (let trip = 0; trip < ROUND_TRIPS; trip++) {
    const startedAt = monotonic()
    await server.ping()
    roundTripMs = Math.min(roundTripMs, monotonic() - startedAt)
  }
  const { host = '', port = 0 } = server.options
  return {
    address: `${host}:${port}`,
    version: info.get('redis_version') ?? 'unknown',
    roundTripMs,
    isReplica: info.get('role') === 'slave',
    isCluster: info.get('cluster_enabled') === '1',
    maxMemoryBytes: number('maxmemory'),
    usedMemoryBytes: number('used_memory'),
    evictionPolicy: info.get('maxmemory_policy') ?? 'unknown',
    evictedKeys: number('evicted_keys'),
    maxClients: info.has('maxclients') ? number('maxclients') : undefined,
    connectedClients: number('connected_clients'),
    refused: await refusedTrials(server, prefix),
  }
}

async function refusedTrials(server: Redis, prefix: string): Promise<RedisInspection['refused']> {
  const refused: { command: string; code: string | undefined; message: string }[] = []
  for (const [command, ...args] of trials(`${prefix}:doctor`, `${prefix}:doctor`)) {
    const error = await server.call(command, ...args).then(
      () => undefined,
      (thrown: unknown) => thrown,
    )
    if (error === undefined) continue
    const code = error instanceof Error ? replyCode(error) : undefined
    if (code !== undefined && ELSEWHERE.has(code)) continue
    if (code === undefined) throw error
    refused.push({ command, code, message: error instanceof Error ? error.message : String(error) })
  }
  return refused
}
