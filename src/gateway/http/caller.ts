import type { IncomingMessage } from 'node:http'
import { isIPv6 } from 'node:net'
import proxyAddress from '@fastify/proxy-addr'
import type { Caller } from '../budgets/rate-limits.ts'
import type { Principal } from '../identity/principal.ts'

/** Parts of a request that tell the address of its client. */
export type Addressed = Pick<IncomingMessage, 'socket' | 'headers'>

export type CallerOf = (viewer: Principal | null, request: Addressed) => Caller

/**
 * Number of 16-bit groups at the start of an IPv6 address that identify the network. One household or server usually owns the whole /64
 * network.
 */
const NETWORK_GROUPS = 4

/**
 * Returns a function that identifies the caller of a request for the rate limits. With a token, the caller is the user of the token.
 * Without a token, the caller is the client address that the trusted proxies report. IPv6 addresses of one /64 network count as one caller.
 * @param trustedProxies Addresses and networks, as in TRUSTED_PROXIES.
 */
export function createCallerOf(trustedProxies: readonly string[]): CallerOf {
  const trust = proxyAddress.compile([...trustedProxies])
  return (viewer, request) =>
    viewer
      ? { tenant: viewer.tenant, name: viewer.userId }
      : { tenant: undefined, name: networkOf(proxyAddress(request as IncomingMessage, trust)) }
}

/** Returns an IPv4 address unchanged, and the /64 network of an IPv6 address. */
export function networkOf(address: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1]
  if (mapped) return mapped
  if (!isIPv6(address)) return address
  // The URL parser returns the canonical form of the address, in which `::` replaces the longest run of zeros.
  const [head = '', tail] = new URL(`http://[${address.replace(/%.*$/, '')}]`).hostname.slice(1, -1).split('::')
  const groups = head === '' ? [] : head.split(':')
  const last = tail ? tail.split(':') : []
  const zeros = tail === undefined ? 0 : 8 - groups.length - last.length
  return [...groups, ...Array<string>(zeros).fill('0'), ...last].slice(0, NETWORK_GROUPS).join(':')
}
