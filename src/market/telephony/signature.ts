import { createHmac, timingSafeEqual } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'
import { GatewayError } from '../../errors.ts'

/** The headers that sign an event, as Standard Webhooks describe them. */
export interface SignedHeaders {
  readonly tenant: string
  readonly eventId: string
  readonly timestamp: string
  readonly signatures: readonly Buffer[]
}

/** Maximum difference between the timestamp of an event and the clock of the gateway, ms. */
export const REPLAY_WINDOW_MS = 5 * 60_000

const HEADERS = {
  tenant: 'telephony-tenant',
  eventId: 'webhook-id',
  timestamp: 'webhook-timestamp',
  signature: 'webhook-signature',
} as const
const EVENT_ID = /^[\x21-\x7e]{1,200}$/
const SECONDS = /^\d{1,12}$/
const SIGNATURE = /^v1,([A-Za-z0-9+/]{43}=)$/
/** Maximum number of signatures that are compared. */
const MAX_SIGNATURES = 4

/** Reads the headers. @throws GatewayError BAD_REQUEST that names the first wrong header. */
export function readSignedHeaders(headers: IncomingHttpHeaders): SignedHeaders {
  const read = (name: string, pattern: RegExp, expected: string) => {
    const value = headers[name]
    if (typeof value === 'string' && pattern.test(value)) return value
    throw new GatewayError('BAD_REQUEST', `Expected the header ${name} with ${expected}: send it.`)
  }
  const tenant = read(HEADERS.tenant, /^.{1,200}$/, 'the name of the tenant')
  const eventId = read(HEADERS.eventId, EVENT_ID, 'the id of the event, 1 to 200 printable ASCII characters without blanks')
  const timestamp = read(HEADERS.timestamp, SECONDS, 'the seconds since 1970')
  const given = read(HEADERS.signature, /v1,/, 'signatures such as v1,K5oZfzN95Z9UVu1EsfQmfVNQhnkZ2pj9o9NDN/H/pI4=')
  const signatures = given.split(' ', MAX_SIGNATURES).flatMap((part) => {
    const [, text] = SIGNATURE.exec(part) ?? []
    return text === undefined ? [] : [Buffer.from(text, 'base64')]
  })
  return { tenant, eventId, timestamp, signatures }
}

/**
 * Returns whether one of the signatures is that of the body, under one of the keys. Without keys, a signature is computed all the same, so
 * that the duration does not tell which tenants have keys.
 */
export function isSigned({ eventId, timestamp, signatures }: SignedHeaders, body: Buffer, keys: readonly string[]): boolean {
  const hasKeys = keys.length > 0
  let isEqual = false
  for (const key of hasKeys ? keys : ['no key']) {
    const expected = signatureOf(key, eventId, timestamp, body)
    for (const signature of signatures) if (signature.length === expected.length && timingSafeEqual(signature, expected)) isEqual = true
  }
  return hasKeys && isEqual
}

/** Returns the HMAC-SHA-256 over id, timestamp and body, joined by dots. */
export function signatureOf(key: string, eventId: string, timestamp: string, body: Uint8Array): Buffer {
  return createHmac('sha256', key).update(`${eventId}.${timestamp}.`).update(body).digest()
}
