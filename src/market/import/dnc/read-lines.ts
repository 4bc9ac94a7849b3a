import { createReadStream } from 'node:fs'
import type { Readable } from 'node:stream'
import { createGunzip, createZstdDecompress } from 'node:zlib'

/** A line of a file, without its end. Undefined if it is longer than any line may be. */
export interface Line {
  readonly number: number
  readonly text: string | undefined
}

/** Maximum length of a line, bytes. The rest of a longer line is skipped without being kept in memory. */
const MAX_LINE_BYTES = 256
const NEWLINE = 10

/** Opens a file, decompressed by its name (`.gz`, `.zst`); `-` is the standard input. */
export function openLines(path: string): AsyncIterable<Line> {
  return readLines(path === '-' ? process.stdin : decompressed(path))
}

async function* decompressed(path: string): AsyncIterable<Buffer> {
  const file = createReadStream(path)
  const decoder = path.endsWith('.gz') ? createGunzip() : path.endsWith('.zst') ? createZstdDecompress() : undefined
  if (!decoder) return yield* file
  file.on('error', (error) => decoder.destroy(error))
  try {
    yield* file.pipe(decoder)
  } finally {
    file.destroy()
  }
}

/** Splits bytes into lines. Memory is bounded by the size of a chunk and {@link MAX_LINE_BYTES}, however long a line is. */
export async function* readLines(chunks: AsyncIterable<Buffer> | Readable): AsyncGenerator<Line> {
  let number = 1
  let kept: Buffer[] = []
  let length = 0
  const keep = (part: Buffer) => {
    if (length <= MAX_LINE_BYTES) kept.push(Buffer.from(part.subarray(0, MAX_LINE_BYTES + 1)))
    length += part.length
  }
  const take = (): Line => {
    const text = length > MAX_LINE_BYTES ? undefined : Buffer.concat(kept).toString('latin1').trim()
    kept = []
    length = 0
    return { number: number++, text }
  }
  for await (const chunk of chunks as AsyncIterable<Buffer>) {
    let start = 0
    for (let end = chunk.indexOf(NEWLINE); end !== -1; end = chunk.indexOf(NEWLINE, start)) {
      keep(chunk.subarray(start, end))
      yield take()
      start = end + 1
    }
    keep(chunk.subarray(start))
  }
  if (length > 0) yield take()
}
