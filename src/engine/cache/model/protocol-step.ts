/**
 * Test-only: steps of the coherence protocol. Tests disable one step at a time and check that the simulation then finds outdated values,
 * which shows that every step is necessary.
 */
export type ProtocolStep =
  /** The stamp of an entry is the log position when its load started, not the position when the load ended. */
  | 'stamp before load'
  /**
   * A reader that joins another reader's load rejects the result if a tag of the result was invalidated after the start of the load and
   * before the start of the read.
   */
  | 'join rule'
  /**
   * A reader that joins a load in flight rejects a value that changed without a write (its time `until` was reached) before the read
   * started.
   */
  | 'until of a landing'
  /** Entries of the shared tier are checked against the invalidation log before they are served. */
  | 'shared entries checked'
  /** Entries of the shared tier that a process gets after it waited for another process to load them are checked against the log. */
  | 'awaited entries checked'
  /** Entries of the shared tier that a process copies when it starts are checked against the log. */
  | 'copied entries checked'
  /** An entry stored by an instance whose clock is ahead of this instance's clock is not served. */
  | 'entries from the future'
  /** Expiry is decided by the clock of the log's database, not by the instance's own clock. */
  | 'time of the log'
  /** Entries whose stamp (log position) is below the oldest log row that the instance has read are invalid. */
  | 'floor'
  /** A reader with a consistency token waits until the log is applied up to the position in the token. */
  | 'token wait'
  /** A barrier is a sync of the log that starts after the barrier was requested. */
  | 'barrier after call'
  /** A row of the log is identified by its number, its epoch and its time. */
  | 'row time compared'
  /**
   * The instance starts a new epoch if the log was restored to an earlier state, even if the epoch in the log is unchanged. The instance
   * detects the restore by comparing the log with the row that the instance applied last. The restored log ends before that row, or has
   * another row at the same position.
   */
  | 'log set back voids'
  /** The instance caches no values after a log row that invalidates everything, until it has checked the invalidation triggers. */
  | 'watches checked at once'
