import type { InputLimits } from './limits.ts'
import { refuseAbove } from './refuse.ts'

const REMEDY = 'Send less in one request.'

/**
 * Checks the size of JSON that a client sent (its variables or extensions) before any library reads it. The check uses an explicit stack
 * instead of recursion, and stops at the first limit that is exceeded, so that the cost of the check itself is limited.
 * @throws LimitExceededError that names the limit.
 */
export function checkInputSize(input: unknown, limits: InputLimits): void {
  const pending: { readonly value: unknown; readonly depth: number }[] = [{ value: input, depth: 0 }]
  let values = 0
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const { value, depth } = next
    if (typeof value === 'string') refuseAbove(limits, 'maxTextLength', value.length, 'characters in one text of its variables', REMEDY)
    if (typeof value !== 'object' || value === null) continue
    refuseAbove(limits, 'maxInputDepth', depth + 1, 'levels of objects and lists in its variables', REMEDY)
    const members = Array.isArray(value) ? value : membersOf(value, limits)
    if (Array.isArray(value)) refuseAbove(limits, 'maxListLength', value.length, 'items in one list of its variables', REMEDY)
    values += members.length
    refuseAbove(limits, 'maxVariableValues', values, 'keys and list items in its variables', REMEDY)
    for (const member of members) pending.push({ value: member, depth: depth + 1 })
  }
}

function membersOf(value: object, limits: InputLimits): readonly unknown[] {
  const keys = Object.keys(value)
  refuseAbove(limits, 'maxObjectKeys', keys.length, 'keys in one object of its variables', REMEDY)
  for (const key of keys) refuseAbove(limits, 'maxTextLength', key.length, 'characters in one key of its variables', REMEDY)
  return Object.values(value)
}
