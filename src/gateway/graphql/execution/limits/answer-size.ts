import type { ExecutionLimits } from '../../document/limits/limits.ts'
import { refuseAbove } from '../../document/limits/refuse.ts'

/** Upper bound of the bytes that JSON adds to each key and to each value: the quotes, and a colon or a comma. */
const PUNCTUATION_BYTES = 4

/** Checks the size of a response's data as JSON, before the data is serialised. @throws LimitExceededError */
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
