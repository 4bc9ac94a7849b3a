import { GatewayError } from '../../errors.ts'

export interface Host {
  readonly host: string
  readonly port: number
}

/** Address of Redis, parsed from a connection string. */
export interface RedisAddress {
  readonly kind: 'single' | 'sentinel' | 'cluster'
  readonly tls: boolean
  readonly hosts: readonly Host[]
  readonly username: string | undefined
  readonly password: string | undefined
  /** Name of the primary that the sentinels watch. */
  readonly masterName: string | undefined
  readonly database: number
}

const FORM = /^(rediss?)(?:\+(sentinel|cluster))?:\/\/(?:([^@/]*)@)?([^/?]+)(?:\/([^?]*))?$/
const FORMS =
  'redis://host:port/db, redis+sentinel://host:port,host:port/master-name/db or redis+cluster://host:port,host:port (rediss… for TLS)'

/**
 * Parses a connection string of Redis.
 * @throws GatewayError CONFIGURATION that names the accepted forms and never repeats the string, because it may contain a password.
 */
export function parseRedisAddress(url: string): RedisAddress {
  const match = FORM.exec(url)
  if (!match) throw new GatewayError('CONFIGURATION', `REDIS_URL must look like ${FORMS}.`)
  const [, scheme, kind = 'single', credentials = '', hostList = '', path = ''] = match
  const [username, password] = splitOnce(credentials, ':').map((part) => (part === undefined ? undefined : decodeURIComponent(part)))
  const segments = path.split('/').filter(Boolean)
  const masterName = kind === 'sentinel' ? segments.shift() : undefined
  const database = Number(segments.shift() ?? 0)
  if (kind === 'sentinel' && !masterName)
    throw new GatewayError('CONFIGURATION', 'REDIS_URL with redis+sentinel:// needs the master name after the hosts.')
  if (!Number.isInteger(database) || database < 0 || segments.length > 0 || (kind === 'cluster' && database !== 0)) {
    throw new GatewayError('CONFIGURATION', `REDIS_URL ends in something that is not a database number; it must look like ${FORMS}.`)
  }
  const defaultPort = kind === 'sentinel' ? 26379 : 6379
  return {
    kind: kind as RedisAddress['kind'],
    tls: scheme === 'rediss',
    hosts: hostList.split(',').map((host) => parseHost(host, defaultPort)),
    username: username || undefined,
    password: password || undefined,
    masterName,
    database,
  }
}

function parseHost(text: string, defaultPort: number): Host {
  const match = /^(\[[^\]]+\]|[^:]+)(?::(\d+))?$/.exec(text)
  const port = Number(match?.[2] ?? defaultPort)
  if (!match?.[1] || port < 1 || port > 65535)
    throw new GatewayError('CONFIGURATION', `REDIS_URL holds a host that is not host:port; it must look like ${FORMS}.`)
  return { host: match[1].replace(/^\[|\]$/g, ''), port }
}

function splitOnce(text: string, separator: string): [string, string | undefined] {
  const at = text.indexOf(separator)
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + 1)]
}
