/**
 * Interface of the shared tier (such as Redis), which stores bytes by key. No guarantee of the engine depends on the implementation of this
 * interface. The implementation may lose, repeat, mix up or invent values. Its calls may fail, or hang until their command timeout.
 */
export interface RemoteTier {
  /** Returns the values in the order of `keys`; null for a key that is not stored. */
  getMany(keys: readonly string[]): Promise<readonly (Uint8Array | null)[]>
  setMany(entries: readonly RemoteEntry[]): Promise<void>
  deleteMany(keys: readonly string[]): Promise<void>
  /** Stores those entries whose keys are not stored. Returns for each entry, in the order of `entries`, whether this call stored it. */
  addMany(entries: readonly RemoteEntry[]): Promise<readonly boolean[]>
  close(): Promise<void>
}

export interface RemoteEntry {
  readonly key: string
  readonly bytes: Uint8Array
  readonly ttlMs: number
}

/**
 * Sends hints to the other instances. A hint says that the invalidation log has grown. A lost hint delays an invalidation, but never beyond
 * the staleness bound.
 */
export interface WakeUp {
  /** @param to `others`: the sender itself gets no hint, because it has read the new rows already. */
  send(to: 'others' | 'all'): void
  listen(onHint: () => void): void
  /**
   * Whether the connection that delivers hints is up. If the result is wrong, the instance reads new rows of the log only at the next
   * regular sync, which is still within the staleness bound.
   */
  isConnected(): boolean
  close(): Promise<void>
}
