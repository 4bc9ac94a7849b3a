const NEWLINE = 10

/** Finds the line number of a byte offset in a file that is read in chunks. Offsets must be requested in ascending order. */
export class LineCounter {
  #line = 1
  #read = 0
  /** Byte offsets of the line ends that lie after the last requested offset. */
  #ends: number[] = []

  /** Line number of the last requested offset. */
  get current(): number {
    return this.#line
  }

  add(chunk: Uint8Array): void {
    for (let index = chunk.indexOf(NEWLINE); index !== -1; index = chunk.indexOf(NEWLINE, index + 1)) this.#ends.push(this.#read + index)
    this.#read += chunk.length
  }

  lineOf(offset: number): number {
    let passed = 0
    while (passed < this.#ends.length && (this.#ends[passed] as number) < offset) passed += 1
    if (passed > 0) this.#ends.splice(0, passed)
    this.#line += passed
    return this.#line
  }
}
