import { signatureOf } from '#src/market/telephony/signature.ts'

export const TELEPHONY_KEY = 'a key of a carrier for tests, long enough'

/** Returns the headers of an event as a carrier sends it. */
export function signedHeaders(
  body: string,
  { tenant = 'acme', id = 'evt_1', seconds = Math.floor(Date.now() / 1000), key = TELEPHONY_KEY } = {},
): Record<string, string> {
  const signature = signatureOf(key, id, String(seconds), Buffer.from(body)).toString('base64')
  return {
    'content-type': 'application/json',
    'telephony-tenant': tenant,
    'webhook-id': id,
    'webhook-timestamp': String(seconds),
    'webhook-signature': `v1,${signature}`,
  }
}
