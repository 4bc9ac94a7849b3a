import type { Socket } from 'node:net'
import type { Representation } from '../../responses/content-encoder.ts'

/** Maximum size of a response that is written without node:http, bytes. A larger one may have to wait for its reader. */
export const MAX_RESPONSE_BYTES = 65_536

/**
 * Puts the head and the body of a response together, so that both are sent in one write. All large responses use the same memory, because
 * a buffer for each of them would make the garbage collector start a full collection for every few thousand responses.
 */
export class ResponseBuffer {
  #bytes = Buffer.allocUnsafeSlow(MAX_RESPONSE_BYTES)

  /**
   * Sends a response.
   * @param head Status line and header fields, Latin-1 characters.
   * @param body At most {@link MAX_RESPONSE_BYTES} together with the head.
   */
  send(socket: Socket, head: string, { bytes, text }: Representation): void {
    // The system copies a short text directly to the socket.
    if (text !== undefined) socket.write(head + text, 'latin1')
    else this.#sendBytes(socket, head, bytes)
  }

  #sendBytes(socket: Socket, head: string, body: Uint8Array): void {
    this.#bytes.write(head, 'latin1')
    this.#bytes.set(body, head.length)
    socket.write(this.#bytes.subarray(0, head.length + body.byteLength))
    // In most cases, the kernel has a copy of all bytes now. If not, the rest is read from this memory later, so it must not change.
    if (socket.writableLength > 0) this.#bytes = Buffer.allocUnsafeSlow(MAX_RESPONSE_BYTES)
  }
}
