import { GatewayError } from '../../errors.ts'
import { isGlobalId, rowIdOf } from '../../gateway/contract/global-id.ts'

/** An event that a carrier reports about a call. `callId` is the id of the row; 0, which no row has, for an id that no call can have. */
export type TelephonyEvent =
  | { readonly type: 'call.answered' | 'call.missed'; readonly callId: number }
  | { readonly type: 'call.ended'; readonly callId: number; readonly durationSeconds: number }

const TYPES = ['call.answered', 'call.ended', 'call.missed'] as const
const MAX_CALL_SECONDS = 24 * 60 * 60

/**
 * Reads the body of an event. No message repeats a text of the body, which may contain numbers.
 * @throws GatewayError BAD_REQUEST for a text that is not a JSON object, BAD_USER_INPUT for a wrong field.
 */
export function readEvent(body: Buffer): TelephonyEvent {
  const given = parse(body)
  const type = TYPES.find((known) => known === given['type'])
  if (type === undefined) throw wrong(`\`type\` to be one of ${TYPES.join(', ')}`)
  const { callId: globalId, durationSeconds } = given
  if (typeof globalId !== 'string' || !isGlobalId(globalId)) throw wrong(`\`callId\` to be the id of a call in the API`)
  const callId = rowIdOf('Call', globalId) ?? 0
  if (type !== 'call.ended') return { type, callId }
  if (
    typeof durationSeconds !== 'number' ||
    !Number.isInteger(durationSeconds) ||
    durationSeconds < 0 ||
    durationSeconds > MAX_CALL_SECONDS
  )
    throw wrong(`\`durationSeconds\` to be a whole number from 0 to ${MAX_CALL_SECONDS}`)
  return { type, callId, durationSeconds }
}

function wrong(expected: string): GatewayError {
  return new GatewayError('BAD_USER_INPUT', `Expected ${expected}: correct the event, and send it again.`)
}

function parse(body: Buffer): Readonly<Record<string, unknown>> {
  let given: unknown
  try {
    given = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body))
  } catch {
    given = undefined
  }
  if (typeof given !== 'object' || given === null || Array.isArray(given))
    throw new GatewayError('BAD_REQUEST', 'Expected a JSON object in UTF-8 such as {"type": "call.answered", "callId": "…"}.')
  return given as Readonly<Record<string, unknown>>
}
