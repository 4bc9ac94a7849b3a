import type { Need } from './consistency-token.ts'

/**
 * State of one client request: the writes that its reads must see, and the consistency token of its last write. Opened by {@link
 * Cache.openSession}; only the engine changes it.
 */
export class Session {
  /** Requirement (a log position or a barrier) that must be met before the next read is served; undefined if there is none. */
  need: Need | undefined
  /** Consistency token of the last write of the client request, to be sent to the client; undefined if the request has written nothing. */
  token: string | undefined
  /**
   * Whether the session works in the background, for example to warm the cache. The loads of such a session start only while no other load
   * waits, and take at most a quarter of the slots of the load semaphore.
   */
  isBackground: boolean
  /**
   * Highest number of readers that shared one load of the session so far. If that value is composed, they also wait for the session's loads of
   * its parts.
   */
  readers = 0

  constructor(need: Need | undefined, isBackground = false) {
    this.need = need
    this.isBackground = isBackground
  }
}
