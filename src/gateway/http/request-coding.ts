import type { IncomingHttpHeaders } from 'node:http'
import { pipeline, type Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { GatewayError } from '../../errors.ts'

/** Value of the header `Accept-Encoding` in the response to a request whose content coding is not supported (RFC 9110, 15.5.16). */
export const ACCEPTED_CODINGS = 'gzip, identity'

/**
 * Returns the body of a request without its content coding. The caller must limit the number of decoded bytes, because a small gzip body
 * may expand to a huge one.
 * @throws GatewayError UNSUPPORTED_MEDIA_TYPE for a coding other than gzip.
 */
export function decodedBody(payload: Readable, headers: IncomingHttpHeaders): Readable {
  const coding = (headers['content-encoding'] ?? 'identity').trim().toLowerCase()
  if (coding === 'identity') return payload
  if (coding !== 'gzip' && coding !== 'x-gzip')
    throw new GatewayError(
      'UNSUPPORTED_MEDIA_TYPE',
      `Expected a body without compression or with Content-Encoding: gzip, got ${JSON.stringify(coding.slice(0, 40))}: send one of these.`,
    )
  // Number of bytes before decoding, which the framework compares with Content-Length.
  const decoded = Object.assign(createGunzip(), { receivedEncodedLength: 0 })
  payload.on('data', (chunk: Buffer) => {
    decoded.receivedEncodedLength += chunk.length
  })
  // The callback ignores errors, because errors of both streams reach the reader of the decoded bytes.
  return pipeline(payload, decoded, () => undefined)
}
