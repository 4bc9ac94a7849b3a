import type { ExecutionLimits } from './limits.ts'
import { refuseAbove } from './refuse.ts'

/** Quotes, colon and comma of a member; comma of an item. */
const PUNCTUATION_BYTES = 4

/**
 * Checks how large the data of an answer is as JSON, before the text is made.
 * @throws LimitExceededError
 */
export function checkAnswerSize(data: unknown, limits: ExecutionLimits): void {
  const pending: unknown[] = [data]
  let bytes = 0
  for (let value = pending.pop(); value !== undefined; value = pending.pop()) {
    if (typeof value === 'string') bytes += Buffer.byteLength(value) + PUNCTUATION_BYTES
    else if (typeof value !== 'object' || value === null) bytes += String(value).length + PUNCTUATION_BYTES
    else if (Array.isArray(value)) for (const item of value) pending.push(item)
    else {
      for (const key in value) {
        bytes += key.length + PUNCTUATION_BYTES
        pending.push(Reflect.get(value, key))
      }
    }
  }
  refuseAbove(limits, 'maxResponseBytes', bytes, 'bytes in its answer')
}
