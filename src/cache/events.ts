import type { Layer } from './read.ts'

/** What the engine tells its listener. Ids, counts and durations only: never a value, a key or a token. */
export type CacheEvent =
  | { readonly type: 'read'; readonly policy: string; readonly layer: Layer; readonly count: number }
  | { readonly type: 'load'; readonly policy: string; readonly count: number; readonly failed: number; readonly durationMs: number }
  /** Loads that an invalidation caused, and those of them that gave what was there before. Only with `measureReloads`. */
  | { readonly type: 'reload'; readonly policy: string; readonly count: number; readonly needless: number }
  /** Loads begun in the background: the value's time had run out, or it was drawn before that. */
  | { readonly type: 'refresh'; readonly policy: string; readonly reason: 'overdue' | 'early'; readonly count: number }
  /** Loads that never began, because whoever waited for them had left. */
  | { readonly type: 'shed'; readonly policy: string; readonly count: number }
  | { readonly type: 'probe'; readonly policy: string; readonly afterMs: number; readonly outcome: ProbeOutcome }
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

/** `absent`: nothing is kept; `current`: what is kept is what the source has; `stale`: it is not, and no invalidation is to come. */
export type ProbeOutcome = 'absent' | 'current' | 'stale'

export type CacheListener = (event: CacheEvent) => void
