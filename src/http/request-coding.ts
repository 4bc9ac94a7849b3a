import type { IncomingHttpHeaders } from 'node:http'
import { pipeline, type Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { GatewayError } from '../errors.ts'

/** What `Accept-Encoding` says in the answer to a request in another coding (RFC 9110, 15.5.16). */
export const ACCEPTED_CODINGS = 'gzip, identity'

/**
 * The body of a request without its content coding. Whoever reads it counts the decoded bytes.
 * @throws GatewayError UNSUPPORTED_MEDIA_TYPE for a coding other than gzip.
 */
export function decodedBody(payload: Readable, headers: IncomingHttpHeaders): Readable {
  const coding = (headers['content-encoding'] ?? 'identity').trim().toLowerCase()
  if (coding === 'identity') return payload
  if (coding !== 'gzip' && coding !== 'x-gzip')
    throw new GatewayError(
      'UNSUPPORTED_MEDIA_TYPE',
      `Expected a body as it is or with Content-Encoding: gzip, got ${JSON.stringify(coding.slice(0, 40))}: send one of these.`,
    )
  // The framework compares this with Content-Length.
  const decoded = Object.assign(createGunzip(), { receivedEncodedLength: 0 })
  payload.on('data', (chunk: Buffer) => {
    decoded.receivedEncodedLength += chunk.length
  })
  // Its errors reach whoever reads the decoded bytes.
  return pipeline(payload, decoded, () => undefined)
}
