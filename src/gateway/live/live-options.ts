import type { Cache } from '../../engine/cache/cache.ts'
import type { Env } from '../../engine/cache/model/env.ts'
import type { LiveRunParts } from './live-run.ts'
import type { ReadLiveParts } from './read-live.ts'

/** Reason why a stream ended. */
export type EndReason =
  /** The client closed the connection. */
  | 'left'
  /** The query failed in a way that repeats. */
  | 'failed'
  /** The next result did not fit into LIVE_MAX_BYTES, or gave way to a result of another tenant. */
  | 'full'
  /** The client did not take the newest result within ten seconds. */
  | 'slow'
  /** The token expired, was revoked, or stands for another caller by now. */
  | 'unauthenticated'
  /** The server shuts down. */
  | 'shutdown'

/** Something that happened to live queries, for metrics. */
export type LiveEvent =
  | { readonly type: 'opened' }
  | { readonly type: 'ended'; readonly reason: EndReason }
  /** A live query was executed. `isUnchanged`: its result was the one that its streams have already. */
  | { readonly type: 'executed'; readonly isUnchanged: boolean }
  /**
   * A result was given to a stream. `lagMs`: time since COMMIT of the oldest write that it shows, ms; undefined for the first result of the
   * stream, and for one that no write caused.
   */
  | { readonly type: 'delivered'; readonly lagMs: number | undefined }

/** Test-only: a step of live queries that tests leave out, to show that it is necessary. */
export type LiveStep =
  /** A write that was applied while the query was executed leads to another execution. */
  | 'changes during an execution'
  /** The first result of a stream comes from an execution that began after the stream had joined its group. */
  | 'an execution after the stream has joined'

export interface LiveOptions extends LiveRunParts, ReadLiveParts {
  readonly cache: Pick<Cache, 'enabled' | 'follower' | 'openSession' | 'observeInvalidations' | 'now' | 'stats'>
  readonly env: Env
  /** Maximum number of live streams in this process; 0 turns live queries off. */
  readonly maxStreams: number
  /** Maximum number of live streams of one caller in this process. */
  readonly maxStreamsPerCaller: number
  /** Maximum size of the newest results of all live queries of this process, bytes of JSON. */
  readonly maxBytes: number
  /** Time after which a query is executed again whose values may change without notice, ms. */
  readonly stalenessBoundMs: number
  readonly onEvent: (event: LiveEvent) => void
  readonly omit?: ReadonlySet<LiveStep>
}
