/** A position of the invalidation log. */
export interface Position {
  readonly epoch: string
  readonly clock: number
}

/** The other processes that clients cannot tell from this one, because they share its port. */
export interface Siblings {
  /**
   * Resolves once each of them has applied the log up to the position, or has none of its copies to serve any more. Never rejects.
   */
  applied(position: Position): Promise<void>
  /** @param onAsked Told the position that another process waits for; resolves once it is applied here. May reject. */
  listen(onAsked: (position: Position) => Promise<void>): void
}
