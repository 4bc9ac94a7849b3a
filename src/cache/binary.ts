import type { Json } from './key.ts'

/** A value that is bytes, with a description in JSON: kept and handed out as it is, in both tiers, and never parsed. */
export class Binary<Head extends Json = Json> {
  readonly head: Head
  /** Shared by all who read the value: not to be changed. */
  readonly bytes: Uint8Array

  constructor(head: Head, bytes: Uint8Array) {
    this.head = head
    this.bytes = bytes
  }
}
