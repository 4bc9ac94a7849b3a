import { LimitExceededError } from '../../../../errors.ts'
import { limitSettings, type RequestLimits } from './limits.ts'

/**
 * Refuses a request that exceeds a limit.
 * @param name Name of the limit.
 * @param what Noun for what is counted, such as `levels of fields`. It follows the number in the message.
 * @throws LimitExceededError
 */
export function refuseAbove<Name extends keyof RequestLimits>(
  limits: Pick<RequestLimits, Name>,
  name: Name,
  value: number,
  what: string,
  remedy = 'Request less in one operation.',
): void {
  const limit = limits[name]
  if (value > limit) throw new LimitExceededError(what, { setting: limitSettings[name], limit, value }, remedy)
}
