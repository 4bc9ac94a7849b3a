import { hash, hkdfSync } from 'node:crypto'

const BLOCK_BYTES = 64
const DIGEST_BYTES = 32

/**
 * HMAC-SHA-256 (RFC 2104) over a text and bytes that follow it, made of two one-shot digests: half the time of an Hmac object, and
 * none of its garbage, which counts where each of many small entries is checked. The text's length is part of the message, so
 * that no text runs over into the bytes.
 */
export class MessageAuthentication {
  readonly #outer = Buffer.alloc(BLOCK_BYTES + DIGEST_BYTES)
  #inner = Buffer.alloc(16 * 1024)

  /** @param secret Stretched to a key for this purpose alone (HKDF, RFC 5869). */
  constructor(secret: string, purpose: string) {
    const key = Buffer.from(hkdfSync('sha256', secret, '', `tidegate ${purpose}`, DIGEST_BYTES))
    for (let i = 0; i < BLOCK_BYTES; i++) {
      this.#inner[i] = 0x36 ^ (key[i] ?? 0)
      this.#outer[i] = 0x5c ^ (key[i] ?? 0)
    }
  }

  /**
   * Of the text and the bytes up to `length`.
   * @returns 32 bytes as a string of code units below 256: a Buffer for each digest would take as long as the digest.
   */
  sign(text: string, bytes: Buffer, length: number): string {
    const most = BLOCK_BYTES + 12 + text.length * 3 + length
    if (most > this.#inner.length) this.#inner = Buffer.concat([this.#inner.subarray(0, BLOCK_BYTES)], 2 * most)
    const inner = this.#inner
    let end = BLOCK_BYTES + inner.write(`${text.length}:${text}`, BLOCK_BYTES)
    end += bytes.copy(inner, end, 0, length)
    this.#outer.write(hash('sha256', inner.subarray(0, end), 'binary'), BLOCK_BYTES, 'latin1')
    return hash('sha256', this.#outer, 'binary')
  }

  /** Whether the bytes from `length` on are the beginning of what {@link sign} gives. Takes the same time wherever they differ. */
  verify(text: string, bytes: Buffer, length: number): boolean {
    const mac = this.sign(text, bytes, length)
    let difference = 0
    for (let at = length; at < bytes.length; at++) difference |= (bytes[at] as number) ^ mac.charCodeAt(at - length)
    return difference === 0
  }
}
