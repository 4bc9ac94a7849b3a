import { LRUCache } from 'lru-cache'

/** What tells one HTTP request from another, as far as its answer depends on it. */
export interface RawRequest {
  readonly method: string
  /** Of the one who asks; empty for an anonymous caller. */
  readonly principal: string
  readonly accept: string
  readonly contentType: string
  /** Whether a browser would have had to ask before it sent the request. */
  readonly preflighted: boolean
  /** The body, or the query string of a GET, exactly as it came. */
  readonly text: string
}

const LONGEST_TEXT = 16_384
/** What an operation holds besides its request's text, bytes: an estimate. */
const BYTES_PER_OPERATION = 600

/**
 * Bounded memory of what requests ask for, by their exact text: a repeated request needs no JSON or GraphQL parser. Holds what
 * operations are, never an answer. Least recently used ones leave first.
 */
export class RequestIndex<Operation extends object> {
  readonly #operations: LRUCache<string, Operation>

  /** @param maxBytes Estimated size of all texts and operations. */
  constructor(maxBytes: number) {
    this.#operations = new LRUCache({ maxSize: maxBytes, sizeCalculation: (_, key) => BYTES_PER_OPERATION + 2 * key.length })
  }

  get(request: RawRequest): Operation | undefined {
    return request.text.length > LONGEST_TEXT ? undefined : this.#operations.get(keyOf(request))
  }

  set(request: RawRequest, operation: Operation): void {
    if (request.text.length <= LONGEST_TEXT) this.#operations.set(keyOf(request), operation)
  }
}

/** No part but the last can hold a line feed: header fields cannot, and a principal is printable ASCII and its separators. */
function keyOf({ method, principal, accept, contentType, preflighted, text }: RawRequest): string {
  return `${method}\n${preflighted ? 1 : 0}\n${contentType}\n${accept}\n${principal}\n${text}`
}
