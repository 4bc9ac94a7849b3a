/**
 * Steps of the protocol that can be left out, one at a time, to show that the simulation would notice. For tests only: each of
 * them is what keeps some answer true.
 */
export type ProtocolStep =
  /** The stamp is the clock when the load started, not when it ended. */
  | 'stamp before load'
  /** A reader takes a shared load's result only if nothing it depends on was invalidated since the reader came. */
  | 'join rule'
  /** A reader who joins a load takes nothing from it that changed by itself before the reader came. */
  | 'until of a landing'
  /** What comes from the shared tier is checked against the log. */
  | 'shared entries checked'
  /** What was made by a clock that is ahead of this one is not served. */
  | 'entries from the future'
  /** What time it is, the log's database says, not the instance's own clock. */
  | 'time of the log'
  /** What is older than the oldest known row of the log is void. */
  | 'floor'
  /** A reader with a token waits until its position is applied. */
  | 'token wait'
  /** A barrier is a sync that started after the call. */
  | 'barrier after call'
  /** A row of the log is known by its number, its epoch and its time. */
  | 'row time compared'
  /** A log that ends before what was applied, in the same epoch, starts a new epoch. */
  | 'log set back voids'
  /** A row that voids everything makes the instance check its declarations before it caches again. */
  | 'watches checked at once'
