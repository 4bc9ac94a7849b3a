/**
 * The shared tier, as the engine needs it: bytes by key. Nothing that the engine promises depends on it: it may lose, repeat,
 * mix up or invent values, and fail or hang up to its own command timeout.
 */
export interface RemoteTier {
  /** Values in the order of `keys`, null where there is none. */
  getMany(keys: readonly string[]): Promise<readonly (Uint8Array | null)[]>
  setMany(entries: readonly RemoteEntry[]): Promise<void>
  deleteMany(keys: readonly string[]): Promise<void>
  close(): Promise<void>
}

export interface RemoteEntry {
  readonly key: string
  readonly bytes: Uint8Array
  readonly ttlMs: number
}

/** A hint between instances that the log has grown. Losing every hint costs time, never truth. */
export interface WakeUp {
  send(): void
  listen(onHint: () => void): void
  /** Whether hints of others should arrive at present. It may be mistaken: then news wait for the next look, within the bound. */
  isConnected(): boolean
  close(): Promise<void>
}
