import { STATUS_CODES } from 'node:http'
import type { Socket } from 'node:net'
import { type ErrorCode, errorCodes } from '../../errors.ts'
import { JSON_TYPE } from '../graphql/answers/media-type.ts'

/** Error codes of the gateway by the error codes of node:http and its parser. An error with any other code gets BAD_REQUEST. */
const CLIENT_ERROR_CODES: Readonly<Record<string, ErrorCode>> = {
  ERR_HTTP_REQUEST_TIMEOUT: 'REQUEST_TIMEOUT',
  HPE_HEADER_OVERFLOW: 'HEADERS_TOO_LARGE',
}
const UNREADABLE = 'The request is not HTTP/1.1 that can be read: check its request line, header fields and length.'

/**
 * Sends the error response to a client whose bytes node:http could not read as a request, because they came too slowly, were too large or
 * were not HTTP. Then closes the connection.
 */
export function answerClientError(error: Error & { readonly code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || socket.destroyed) return
  const code = CLIENT_ERROR_CODES[error.code ?? ''] ?? 'BAD_REQUEST'
  const { status, message } = errorCodes[code]
  const body = JSON.stringify({ errors: [{ message: code === 'BAD_REQUEST' ? UNREADABLE : message, extensions: { code } }] })
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    `Content-Type: ${JSON_TYPE}; charset=utf-8`,
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Cache-Control: no-store',
    'Connection: close',
  ]
  if (socket.writable) socket.write(`${head.join('\r\n')}\r\n\r\n${body}`)
  socket.destroy(error)
}
