import type { Envelope } from '../envelope.ts'
import { checkInputSize } from './input-size.ts'
import type { RequestLimits } from './limits.ts'

/** Checks the size of a request's variables, extensions and operation name before any library reads them. @throws LimitExceededError */
export function checkRequestLimits({ variables, extensions, operationName }: Envelope, limits: RequestLimits): void {
  for (const input of [variables, extensions, operationName]) checkInputSize(input, limits)
}
