/** Memory limits of the stores that keep parts of requests, each in bytes. */
export interface RequestMemory {
  /** Store of the documents that passed all checks, with their plans and compiled code. */
  readonly documents: number
  /** Index of requests by their exact text, which finds a repeated request before it is parsed. */
  readonly requests: number
  /** Store of requests by their exact bytes, which are answered before HTTP is parsed. */
  readonly recognised: number
  /** Store of the documents that clients name by their hash (automatic persisted queries). */
  readonly persistedQueries: number
  /** Store of the verified access tokens. */
  readonly tokens: number
}

/** Divides a number of bytes among the five stores that keep parts of requests in this process. */
export function divideRequestMemory(bytes: number): RequestMemory {
  const eighth = Math.floor(bytes / 8)
  return { documents: 4 * eighth, requests: eighth, recognised: eighth, persistedQueries: eighth, tokens: eighth }
}
