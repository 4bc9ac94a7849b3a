import { type InspectRedisOptions, inspectRedis, type RedisInspection } from '../../engine/redis/inspect-redis.ts'
import { GatewayError } from '../../errors.ts'
import { type Finding, findingsOf } from './finding.ts'

export interface RedisCheck extends Pick<InspectRedisOptions, 'ca' | 'prefix'> {
  /** Connection string; undefined if there is no Redis. */
  readonly url: string | undefined
  readonly commandTimeoutMs: number
  readonly workers: number
}

const about = findingsOf('Redis')
/** Oldest version that is supported. Redis 6.2 is the oldest one for which the makers of Redis have published corrections since 2024. */
const MIN_VERSION = [6, 2] as const
const DEADLINE_MS = 2000
const MIN_MEMORY_BYTES = 64 * 2 ** 20
/** Share of the timeout of a command that a round trip may take before it is reported. */
const MAX_ROUND_TRIP_SHARE = 0.1
const CONNECTIONS_OF_A_PROCESS = 2
const MIB = 2 ** 20

/** Checks the Redis that the gateway would use, and changes nothing. */
export async function checkRedis(
  { url, ...check }: RedisCheck,
  env: Pick<InspectRedisOptions, 'setTimer' | 'monotonic'>,
): Promise<readonly Finding[]> {
  if (url === undefined)
    return [
      about('redis-none').ok('REDIS_URL is not set: each process has its own cache, and a process that starts begins with an empty one.'),
    ]
  try {
    const servers = await inspectRedis({ ...env, ...check, url, deadlineMs: DEADLINE_MS })
    return servers.flatMap((server) => judge(server, { ...check, isClusterUrl: url.includes('+cluster') }))
  } catch (error) {
    return [explainConnection(error, url)]
  }
}

type Needs = Omit<RedisCheck, 'url'> & { readonly isClusterUrl: boolean }

function judge(server: RedisInspection, needs: Needs): readonly Finding[] {
  const { version, address, roundTripMs } = server
  const [major = 0, minor = 0] = version.split('.').map(Number)
  if (major < MIN_VERSION[0] || (major === MIN_VERSION[0] && minor < MIN_VERSION[1]))
    return [
      about('redis-version').error(
        `Redis ${version} at ${address} is too old: expected version ${MIN_VERSION.join('.')} or newer.`,
        'Upgrade Redis, or set REDIS_URL to a newer server.',
      ),
    ]
  return [
    roundTripMs > MAX_ROUND_TRIP_SHARE * needs.commandTimeoutMs
      ? about('redis-latency').warning(
          `Redis ${version} at ${address} answers in ${roundTripMs.toFixed(1)} ms, and REDIS_COMMAND_TIMEOUT_MS is ${needs.commandTimeoutMs}.`,
          'Run Redis in the same zone as the gateway, or raise REDIS_COMMAND_TIMEOUT_MS.',
        )
      : about('redis-version').ok(`Redis ${version} at ${address} answers in ${roundTripMs.toFixed(1)} ms.`),
    ...judgeRole(server, needs),
    ...judgeMemory(server),
    ...judgeClients(server, needs),
    ...judgeCommands(server, needs),
  ]
}

function judgeRole({ address, isReplica, isCluster }: RedisInspection, { isClusterUrl }: Needs): readonly Finding[] {
  const findings: Finding[] = []
  if (isReplica)
    findings.push(
      about('redis-replica').error(
        `Redis at ${address} is a replica, which refuses writes.`,
        'Set REDIS_URL to the primary, or to the sentinels: redis+sentinel://host:port/master-name.',
      ),
    )
  if (isCluster && !isClusterUrl)
    findings.push(
      about('redis-cluster').error(
        `Redis at ${address} is a node of a cluster, and REDIS_URL names a single server.`,
        'Begin REDIS_URL with redis+cluster://, and list some of the nodes.',
      ),
    )
  return findings
}

function judgeMemory({ address, maxMemoryBytes, usedMemoryBytes, evictionPolicy, evictedKeys }: RedisInspection): readonly Finding[] {
  const sizing = 'docs/sizing.md says how much a load needs'
  if (maxMemoryBytes === 0)
    return [
      about('redis-memory').warning(
        `Redis at ${address} has no limit of its memory (maxmemory 0): it grows until the system ends it.`,
        `Set maxmemory below the memory of the machine, and maxmemory-policy allkeys-lru; ${sizing}.`,
      ),
    ]
  const findings: Finding[] = []
  if (evictionPolicy === 'noeviction')
    findings.push(
      about('redis-eviction').warning(
        `Redis at ${address} has maxmemory-policy noeviction: when its ${mib(maxMemoryBytes)} are full, it refuses new entries.`,
        'Set maxmemory-policy allkeys-lru, or volatile-ttl if other programs keep data there.',
      ),
    )
  if (maxMemoryBytes < MIN_MEMORY_BYTES)
    findings.push(
      about('redis-memory').warning(
        `Redis at ${address} has only ${mib(maxMemoryBytes)} of memory, so entries are evicted soon.`,
        `Raise maxmemory to ${mib(MIN_MEMORY_BYTES)} or more; ${sizing}.`,
      ),
    )
  else if (evictedKeys > 0)
    findings.push(
      about('redis-evictions').warning(
        `Redis at ${address} has evicted ${evictedKeys} keys since its start: ${mib(usedMemoryBytes)} of ${mib(maxMemoryBytes)} are used.`,
        `Raise maxmemory if hits in Redis fall; ${sizing}.`,
      ),
    )
  return findings.length > 0
    ? findings
    : [about('redis-memory').ok(`${mib(usedMemoryBytes)} of ${mib(maxMemoryBytes)} are used, with maxmemory-policy ${evictionPolicy}.`)]
}

function judgeClients({ address, maxClients, connectedClients }: RedisInspection, { workers }: Needs): readonly Finding[] {
  const needed = CONNECTIONS_OF_A_PROCESS * workers
  if (maxClients === undefined || connectedClients + needed <= maxClients) return []
  return [
    about('redis-clients').error(
      `One instance opens ${needed} connections, and ${connectedClients} of maxclients = ${maxClients} at ${address} are in use.`,
      'Raise maxclients, or lower WORKERS.',
    ),
  ]
}

/** Codes of replies: the user may not do it, the server is a replica. */
const [NO_PERMISSION, READ_ONLY] = ['NOPERM', 'READONLY']

function judgeCommands({ address, refused, isReplica }: RedisInspection, { prefix }: Needs): readonly Finding[] {
  const forbidden = refused.filter(({ code }) => code === NO_PERMISSION)
  const other = refused.find(({ code }) => code !== NO_PERMISSION && !(code === READ_ONLY && isReplica))
  return [
    ...(forbidden.length === 0
      ? []
      : [
          about('redis-rights').error(
            `The user of REDIS_URL may not use ${forbidden.map(({ command }) => command).join(', ')} on keys and channels of ${prefix}.`,
            `Run: ACL SETUSER … +@all -@admin -@dangerous +info ~${prefix}:* &${prefix}:*`,
          ),
        ]),
    ...(other === undefined ? [] : [explainRefusal(address, other)]),
  ]
}

/** Findings about refused writes, by the code of the reply. */
const REFUSALS: Readonly<Record<string, (address: string) => Finding>> = {
  OOM: (address) =>
    about('redis-full').error(
      `Redis at ${address} is full and refuses new entries.`,
      'Set maxmemory-policy allkeys-lru, or raise maxmemory.',
    ),
  MISCONF: (address) =>
    about('redis-persistence').error(
      `Redis at ${address} refuses writes, because it could not save its data to disk.`,
      'Free the disk, or switch persistence off (CONFIG SET save ""): the cache does not need it.',
    ),
}

function explainRefusal(address: string, { command, code, message }: RedisInspection['refused'][number]): Finding {
  const known = REFUSALS[code ?? '']?.(address)
  return (
    known ??
    about('redis-commands').error(`Redis at ${address} refused ${command}: ${message}.`, 'Correct what the message names on the server.')
  )
}

function explainConnection(error: unknown, url: string): Finding {
  if (error instanceof GatewayError) return about('redis-connection').error(error.message, 'Correct REDIS_URL.')
  const where = /^[^:]+:\/\/(?:[^@/]*@)?([^/]+)/.exec(url)?.[1] ?? 'the address in REDIS_URL'
  const message = messageOf(error)
  const finding = about('redis-connection')
  if (/NOAUTH|WRONGPASS|invalid password/i.test(message))
    return finding.error(
      `Redis at ${where} refused the password.`,
      'Correct REDIS_URL: redis://user:password@host:port, with special characters percent-encoded.',
    )
  if (/without any password configured/.test(message))
    return finding.error(`Redis at ${where} has no password, and REDIS_URL contains one.`, 'Remove the password from REDIS_URL.')
  if (/NOPERM/.test(message)) return finding.error(`The user of REDIS_URL may not use INFO at ${where}.`, 'Run: ACL SETUSER … +info +ping')
  if (/max number of clients/.test(message))
    return finding.error(`Redis at ${where} accepts no more connections.`, 'Raise maxclients, or close connections of other programs.')
  if (/ECONNREFUSED/.test(message))
    return finding.error(
      `Redis at ${where} cannot be reached (ECONNREFUSED).`,
      'Start Redis, or correct the host and the port in REDIS_URL; without Redis leave REDIS_URL empty.',
    )
  if (/ENOTFOUND|EAI_AGAIN/.test(message))
    return finding.error(`The host of Redis (${where}) has no address.`, 'Correct REDIS_URL, or the name service of this machine.')
  if (/certificate|self.signed|SSL|TLS|EPROTO/i.test(message))
    return finding.error(
      `Redis at ${where} and this machine agree on no TLS connection (${message}).`,
      'Use rediss:// for a server with TLS and redis:// for one without; set REDIS_CA_FILE for a certificate of your own.',
    )
  return finding.error(
    `Redis at ${where} cannot be used (${message}).`,
    'Open the port in the firewall between this machine and Redis, or correct REDIS_URL.',
  )
}

/** Returns the message of an error. A cluster client hides the reason in another error. */
function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const inner = 'lastNodeError' in error ? error.lastNodeError : error.cause
  return inner instanceof Error ? messageOf(inner) : error.message || error.name
}

function mib(bytes: number): string {
  return `${Math.round(bytes / MIB)} MiB`
}
