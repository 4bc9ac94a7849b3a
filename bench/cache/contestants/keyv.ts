import { loadPeer } from '../../peers/load-peer.ts'
import type { Terms } from '../contestant.ts'

export interface Keyv {
  disconnect(): Promise<void>
}

interface MemoryExports {
  createKeyv(options: { readonly ttl: number; readonly lruSize: number }): Keyv
}

interface RedisExports {
  createKeyv(url: string, options: { readonly namespace: string }): Keyv
}

/** The memory tier that cache-manager and cacheable recommend. */
export async function memoryTier(terms: Terms): Promise<Keyv> {
  const { createKeyv } = await loadPeer<MemoryExports>('cacheable')
  return createKeyv({ ttl: terms.ttlMs, lruSize: terms.capacity })
}

/** The Redis tier that cache-manager and cacheable recommend. */
export async function redisTier(terms: Terms): Promise<Keyv> {
  const { createKeyv } = await loadPeer<RedisExports>('@keyv/redis')
  return createKeyv(terms.redisUrl, { namespace: terms.prefix })
}
