/** What each store of what requests hold may take, bytes. */
export interface RequestMemory {
  /** Documents that passed all checks, with their plans and compiled code. */
  readonly documents: number
  /** Requests that are recognised by their text. */
  readonly requests: number
  /** Documents that clients name by their hash. */
  readonly persistedQueries: number
  /** Tokens that were verified. */
  readonly tokens: number
}

/** Divides what a process keeps of requests among its stores. */
export function divideRequestMemory(bytes: number): RequestMemory {
  const eighth = Math.floor(bytes / 8)
  return { documents: 4 * eighth, requests: 2 * eighth, persistedQueries: eighth, tokens: eighth }
}
