import { LimitExceededError } from '../../errors.ts'
import { limitSettings, type RequestLimits } from './limits.ts'

/**
 * Throws where `value` is above the limit of that name.
 * @param what Names the value in the message, such as `levels of fields`.
 * @throws LimitExceededError
 */
export function refuseAbove<Name extends keyof RequestLimits>(
  limits: Pick<RequestLimits, Name>,
  name: Name,
  value: number,
  what: string,
  remedy = 'Ask for less at once.',
): void {
  const limit = limits[name]
  if (value > limit) throw new LimitExceededError(what, { setting: limitSettings[name], limit, value }, remedy)
}
