import type { Json } from './key.ts'

/**
 * A value that consists of bytes and a JSON description (`head`). The memory tier and the shared tier store and return it unchanged and
 * never parse the bytes.
 */
export class Binary<Head extends Json = Json> {
  readonly head: Head
  /** Bytes of the value. All its readers share them, so no reader may change them. */
  readonly bytes: Uint8Array

  constructor(head: Head, bytes: Uint8Array) {
    this.head = head
    this.bytes = bytes
  }
}
