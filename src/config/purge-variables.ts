import { z } from 'zod'
import { onOff, secret, type Variable } from './variable-kinds.ts'

const KINDS = ['varnish', 'fastly', 'cloudflare', 'webhook'] as const

/** Variables of the purges of a CDN. */
export const purgeVariables = {
  PURGE_KIND: {
    group: 'CDN',
    schema: z.enum(KINDS),
    expected: KINDS.join(', ').replace(/, (?=\w+$)/, ' or '),
    meaning:
      'Kind of the cache in front of the gateway, which is purged of what changed: see [edge.md](edge.md). Not set: nothing is purged.',
  },
  PURGE_URL: {
    group: 'CDN',
    schema: z.string().min(1),
    expected: 'an http(s) address; for Varnish one or more, separated by commas',
    meaning:
      'Address that is called to purge: of Varnish, of the webhook, `https://api.fastly.com/service/ID`, or `https://api.cloudflare.com/client/v4/zones/ID`.',
  },
  PURGE_SECRET: secret(
    'Token of the API of Fastly or Cloudflare, or secret that signs the calls of the webhook. Varnish needs none.',
    'CDN',
  ),
  PURGE_SOFT: onOff(
    'off',
    'Whether purged responses of Varnish and Fastly only expire. The CDN may then serve them once more while it fetches new ones.',
    'CDN',
  ),
  PURGE_INTERVAL_MS: {
    group: 'CDN',
    schema: z.coerce.number().int().min(0).max(60_000),
    default: '0',
    expected: 'a whole number from 0 to 60000',
    meaning: 'Minimum time between two calls that purge, for a CDN that limits their rate. Changes wait and are purged together.',
  },
} as const satisfies Record<string, Variable>

/** Configuration of the purges of a CDN. */
export interface PurgingConfig {
  readonly kind: (typeof KINDS)[number]
  /** Addresses without a slash at the end. */
  readonly urls: readonly string[]
  /** Token or secret; empty for Varnish. */
  readonly secret: string
  readonly isSoft: boolean
  /** Minimum time between two calls, ms. */
  readonly intervalMs: number
}

export interface ReadPurgeVariables {
  readonly read: <Value>(name: keyof typeof purgeVariables) => Value | undefined
  readonly list: (name: keyof typeof purgeVariables) => readonly string[]
}

/**
 * Reads the configuration of the purges; undefined if no CDN is purged.
 * @param problems Gets a line for each contradiction. It contains no address, because an address may contain a secret.
 */
export function readPurging({ read, list }: ReadPurgeVariables, problems: string[]): PurgingConfig | undefined {
  const kind = read<PurgingConfig['kind']>('PURGE_KIND')
  const urls = list('PURGE_URL')
  const secret = read<string>('PURGE_SECRET')
  const isSoft = read<string>('PURGE_SOFT') === 'on'
  if (kind === undefined) {
    if (urls.length > 0 || secret !== undefined)
      problems.push('PURGE_KIND: expected the kind of the CDN, because PURGE_URL or PURGE_SECRET is set, got none: set it too.')
    return undefined
  }
  if (urls.length === 0) problems.push(`PURGE_URL: expected the address of the CDN, because PURGE_KIND is ${kind}, got none: set it.`)
  if (urls.length > 1 && kind !== 'varnish') problems.push('PURGE_URL: expected one address, got several: only Varnish may have several.')
  if (new Set(urls).size < urls.length) problems.push('PURGE_URL: expected different addresses, got one of them twice: leave one out.')
  for (const url of urls) problems.push(...problemsOf(url, kind))
  if (kind === 'varnish' && secret !== undefined)
    problems.push('PURGE_SECRET: Varnish needs none: allow the addresses of the gateways in its VCL, and leave PURGE_SECRET out.')
  if (kind !== 'varnish' && secret === undefined)
    problems.push(`PURGE_SECRET: expected the token or secret for PURGE_KIND ${kind}, got none: set it.`)
  if (isSoft && kind !== 'varnish' && kind !== 'fastly') problems.push(`PURGE_SOFT: ${kind} has no soft purge: leave it out.`)
  const intervalMs = read<number>('PURGE_INTERVAL_MS') ?? 0
  return { kind, urls: urls.map((url) => url.replace(/\/+$/, '')), secret: secret ?? '', isSoft, intervalMs }
}

function problemsOf(url: string, kind: PurgingConfig['kind']): readonly string[] {
  const parsed = URL.parse(url)
  if (!parsed || !/^https?:$/.test(parsed.protocol)) return [`PURGE_URL: expected ${purgeVariables.PURGE_URL.expected}.`]
  if (parsed.username !== '' || parsed.password !== '' || parsed.search !== '' || parsed.hash !== '')
    return ['PURGE_URL: expected an address without user, password, query and fragment: put a secret into PURGE_SECRET.']
  const isLocal = /^(?:localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(parsed.hostname)
  if (kind !== 'varnish' && parsed.protocol !== 'https:' && !isLocal)
    return ['PURGE_URL: expected an https address, because the calls contain a token or a signature, got http.']
  return []
}
