import { zstdCompressSync, zstdDecompressSync } from 'node:zlib'
import { Binary } from './binary.ts'
import type { Entry } from './entry.ts'
import type { Json } from './key.ts'
import { MessageAuthentication } from './message-authentication.ts'

/** What is stored in the shared tier, without what only this process knows. */
export type StoredEntry = Omit<Entry, 'slots'>

const FORMAT = 4
const MAC_BYTES = 16
const PREFIX_BYTES = 6
const COMPRESSED = 1
const BINARY = 2
/** Below it the time to compress and decompress (some 60 and 13 us however small) is worth more than the bytes. */
const COMPRESS_ABOVE_BYTES = 16_384
const LARGEST_BODY_BYTES = 32 * 2 ** 20

/**
 * Epoch, stamp, loadedAt, costMs, until (null where there is no such moment), ttlMs (null where the policy decides), tags, and the
 * head where the value is a Binary.
 */
type Header = readonly [string, number, number, number, number | null, number | null, readonly string[], head?: Json]

/**
 * Entries as bytes: format (1), flags (1), header's length (4, big endian), header (JSON), body (JSON, or the bytes of a Binary;
 * zstd when large), MAC (HMAC-SHA-256 over key, header and body, first 16 bytes). The MAC covers the key, so an entry moved to
 * another key is refused.
 */
export class EntryCodec {
  readonly #authentications: readonly MessageAuthentication[]

  /** @param secrets The first writes, all read. */
  constructor(secrets: readonly string[]) {
    if (secrets.length === 0) throw new RangeError('Protecting entries needs at least one secret.')
    this.#authentications = secrets.map((secret) => new MessageAuthentication(secret, 'entry-mac'))
  }

  encode(key: string, entry: StoredEntry): Buffer {
    const { value, epoch, stamp, loadedAt, costMs, until, ttlMs, tags } = entry
    const binary = value instanceof Binary ? value : undefined
    const facts = [epoch, stamp, loadedAt, costMs, Number.isFinite(until) ? until : null, ttlMs ?? null, tags] as const
    const header: Header = binary ? [...facts, binary.head] : facts
    const headerBytes = Buffer.from(JSON.stringify(header))
    const plain = binary?.bytes ?? Buffer.from(JSON.stringify(value))
    const compressed = plain.length > COMPRESS_ABOVE_BYTES
    const prefix = Buffer.alloc(PREFIX_BYTES)
    prefix.writeUInt8(FORMAT, 0)
    prefix.writeUInt8((compressed ? COMPRESSED : 0) | (binary ? BINARY : 0), 1)
    prefix.writeUInt32BE(headerBytes.length, 2)
    const content = Buffer.concat([prefix, headerBytes, compressed ? zstdCompressSync(plain) : plain])
    const [authentication] = this.#authentications as [MessageAuthentication]
    return Buffer.concat([content, Buffer.from(authentication.sign(key, content, content.length).slice(0, MAC_BYTES), 'latin1')])
  }

  /** The entry, or undefined for bytes that were not encoded under this key by a holder of the secret. */
  decode(key: string, bytes: Uint8Array): StoredEntry | undefined {
    const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    if (buffer.length < PREFIX_BYTES + MAC_BYTES || buffer.readUInt8(0) !== FORMAT) return undefined
    const end = buffer.length - MAC_BYTES
    if (!this.#authentications.some((authentication) => authentication.verify(key, buffer, end))) return undefined
    const bodyAt = PREFIX_BYTES + buffer.readUInt32BE(2)
    const header: Header = JSON.parse(buffer.toString('utf8', PREFIX_BYTES, bodyAt))
    const flags = buffer.readUInt8(1)
    const stored = buffer.subarray(bodyAt, end)
    const body = flags & COMPRESSED ? zstdDecompressSync(stored, { maxOutputLength: LARGEST_BODY_BYTES }) : stored
    const [epoch, stamp, loadedAt, costMs, until, ttlMs, tags, head = null] = header
    return {
      // A copy: the reply that the bytes came in is larger, and would be kept with them.
      value: flags & BINARY ? new Binary(head, flags & COMPRESSED ? body : Buffer.from(body)) : JSON.parse(body.toString('utf8')),
      tags,
      epoch,
      stamp,
      loadedAt,
      until: until ?? Number.POSITIVE_INFINITY,
      ttlMs: ttlMs ?? undefined,
      costMs,
    }
  }
}
