import type { FastifyRequest } from 'fastify'

const LOOPBACK_ADDRESS = /^(127\.|::1$|::ffff:127\.)/
const LOOPBACK_HOST = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])(:\d+)?$/
/** Headers that proxies add. */
const PROXY_HEADERS = ['forwarded', 'via', 'x-forwarded-for', 'x-forwarded-host', 'x-forwarded-proto', 'x-real-ip'] as const

/**
 * Returns whether a request comes from this machine. The Host header must be local, too. Otherwise a page on another site could let its
 * host name resolve to this machine (DNS rebinding) and read the access token. A request with a header of a proxy does not count: the proxy
 * may run on this machine and forward what others send. A proxy that adds none of these headers cannot be recognised.
 */
export function isOfThisMachine({ ip, socket, headers }: Pick<FastifyRequest, 'ip' | 'socket' | 'headers'>): boolean {
  if (PROXY_HEADERS.some((name) => headers[name] !== undefined)) return false
  return [ip, socket.remoteAddress ?? ''].every((address) => LOOPBACK_ADDRESS.test(address)) && LOOPBACK_HOST.test(headers.host ?? '')
}
