/** A position of the invalidation log (`clock`), with the epoch (history of the database) in which it is valid. */
export interface Position {
  readonly epoch: string
  readonly clock: number
}

/** The other worker processes that listen on the same port. The next request of a client may reach any of them. */
export interface Siblings {
  /**
   * Resolves once each of the other processes has applied the log up to the position, or no longer serves its cached copies. Never rejects.
   */
  applied(position: Position): Promise<void>
  /**
   * Registers the callback with which another process asks this process to apply the log up to a position.
   * @param onAsked Called with a log position that another process waits for. Resolves once this process has applied the log up to the
   * position; may reject.
   */
  listen(onAsked: (position: Position) => Promise<void>): void
}
