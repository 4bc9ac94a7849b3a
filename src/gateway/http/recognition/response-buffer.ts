import type { Socket } from 'node:net'
import type { Representation } from '../../responses/content-encoder.ts'

/** Maximum size of a response that is written without node:http, bytes. A larger one may have to wait for its reader. */
export const MAX_RESPONSE_BYTES = 65_536

const END_OF_HEAD = '\r\n\r\n'

/** Returns the size of a response with these parts, bytes. */
export function sizeOf(head: string, id: string, { bytes }: Representation): number {
  return head.length + id.length + END_OF_HEAD.length + bytes.byteLength
}

/**
 * Puts the head and the body of a response together, so that both are sent in one write. All responses use the same memory, because a buffer
 * for each of them would make the garbage collector start a full collection for every few thousand responses. If the same response is sent
 * again, only the request id in it changes.
 */
export class ResponseBuffer {
  #bytes = Buffer.allocUnsafeSlow(MAX_RESPONSE_BYTES)
  /** The response that the memory holds. */
  #whole = this.#bytes.subarray(0, 0)
  #head = ''
  #idLength = 0
  #body: Representation | undefined

  /**
   * Sends a response.
   * @param head Status line and header fields as Latin-1 characters. It ends before the value of the last field, the request id.
   * @param id The request id.
   * @param body The body; undefined if there is none. It has at most {@link MAX_RESPONSE_BYTES} together with the head and the id.
   */
  send(socket: Socket, head: string, id: string, body: Representation | undefined): void {
    if (head === this.#head && body === this.#body && id.length === this.#idLength) this.#bytes.write(id, head.length, 'latin1')
    else this.#fill(head, id, body)
    socket.write(this.#whole)
    // In most cases, the kernel has a copy of all bytes now. If not, the rest is read from this memory later, so it must not change.
    if (socket.writableLength > 0) {
      this.#bytes = Buffer.allocUnsafeSlow(MAX_RESPONSE_BYTES)
      this.#head = ''
    }
  }

  #fill(head: string, id: string, body: Representation | undefined): void {
    const length = this.#bytes.write(`${head}${id}${END_OF_HEAD}`, 'latin1')
    if (body) this.#bytes.set(body.bytes, length)
    this.#whole = this.#bytes.subarray(0, length + (body?.bytes.byteLength ?? 0))
    this.#head = head
    this.#idLength = id.length
    this.#body = body
  }
}
