import { hash } from 'node:crypto'
import type { RedisClient } from './connect.ts'

/**
 * Returns a function that claims a piece of work. Of several processes that claim the same work within `ttlMs`, the first gets true and
 * does it. A process that cannot reach Redis gets true, because work that is done twice is better than work that nobody does.
 * @param prefix Prefix of the keys: processes with the same prefix divide their work.
 */
export function createClaim(client: RedisClient, prefix: string): (work: string, ttlMs: number) => Promise<boolean> {
  return async (work, ttlMs) => {
    try {
      return (await client.set(`${prefix}:claim:${hash('sha256', work, 'base64url')}`, '', 'PX', ttlMs, 'NX')) === 'OK'
    } catch {
      return true
    }
  }
}
