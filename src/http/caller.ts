import type { IncomingMessage } from 'node:http'
import { isIPv6 } from 'node:net'
import proxyAddress from '@fastify/proxy-addr'
import type { Caller } from '../rate-limits/rate-limits.ts'
import type { Principal } from './claims.ts'

export type CallerOf = (viewer: Principal | null, request: IncomingMessage) => Caller

/** Groups of an IPv6 address that name the network: one household or server has all addresses of it. */
const NETWORK_GROUPS = 4

/**
 * Tells callers apart: users of tenants by their token, anonymous ones by the address that the nearest proxies, which are trusted,
 * have seen. Of IPv6 it is the network of 64 bits.
 * @param trustedProxies Addresses and networks, as in TRUSTED_PROXIES.
 */
export function createCallerOf(trustedProxies: readonly string[]): CallerOf {
  const trust = proxyAddress.compile([...trustedProxies])
  return (viewer, request) =>
    viewer ? { tenant: viewer.tenant, name: viewer.userId } : { tenant: undefined, name: networkOf(proxyAddress(request, trust)) }
}

/** An address of IPv4 as it is, of IPv6 its network. */
export function networkOf(address: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1]
  if (mapped) return mapped
  if (!isIPv6(address)) return address
  // The URL parser writes each address in one way, with the longest run of zeros left out.
  const [head = '', tail] = new URL(`http://[${address.replace(/%.*$/, '')}]`).hostname.slice(1, -1).split('::')
  const groups = head === '' ? [] : head.split(':')
  const last = tail ? tail.split(':') : []
  const zeros = tail === undefined ? 0 : 8 - groups.length - last.length
  return [...groups, ...Array<string>(zeros).fill('0'), ...last].slice(0, NETWORK_GROUPS).join(':')
}
