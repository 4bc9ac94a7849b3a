import type { FastifyRequest } from 'fastify'

const LOOPBACK_ADDRESS = /^(127\.|::1$|::ffff:127\.)/
const LOOPBACK_HOST = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])(:\d+)?$/

/**
 * Returns whether a request comes from this machine. The Host header must be local, too. Otherwise a page on another site could let its
 * host name resolve to this machine (DNS rebinding) and read the access token.
 */
export function isOfThisMachine({ ip, socket, headers }: Pick<FastifyRequest, 'ip' | 'socket' | 'headers'>): boolean {
  return [ip, socket.remoteAddress ?? ''].every((address) => LOOPBACK_ADDRESS.test(address)) && LOOPBACK_HOST.test(headers.host ?? '')
}
