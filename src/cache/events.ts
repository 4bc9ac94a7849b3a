import type { Layer } from './read.ts'

/** What the engine tells its listener. Ids, counts and durations only: never a value, a key or a token. */
export type CacheEvent =
  | { readonly type: 'read'; readonly policy: string; readonly layer: Layer; readonly count: number }
  | { readonly type: 'load'; readonly policy: string; readonly count: number; readonly failed: number; readonly durationMs: number }
  | { readonly type: 'sync'; readonly durationMs: number; readonly rows: number; readonly tags: number }
  | { readonly type: 'sync-failed'; readonly error: unknown }
  | { readonly type: 'barrier'; readonly durationMs: number; readonly succeeded: boolean }
  | { readonly type: 'invalidated'; readonly tags: readonly string[]; readonly seq: number }
  | { readonly type: 'reset'; readonly reason: string }
  | { readonly type: 'epoch'; readonly epoch: string }
  | { readonly type: 'unwatched'; readonly entity: string; readonly reason: string }
  | { readonly type: 'tier-read'; readonly hits: number; readonly misses: number; readonly rejected: number; readonly durationMs: number }
  | { readonly type: 'tier-error'; readonly operation: 'get' | 'set'; readonly error: unknown }
  | { readonly type: 'breaker'; readonly state: 'open' | 'half-open' | 'closed' }
  | { readonly type: 'evicted'; readonly count: number }
  | { readonly type: 'maintenance-failed'; readonly error: unknown }

export type CacheListener = (event: CacheEvent) => void
