import { zstdCompressSync, zstdDecompressSync } from 'node:zlib'
import { Binary } from '../model/binary.ts'
import type { Entry } from '../model/entry.ts'
import type { Json } from '../model/key.ts'
import { MessageAuthentication } from './message-authentication.ts'

/** Entry as the shared tier stores it. The entry has no `slots`, because each process has other indexes for the same tags. */
export type StoredEntry = Omit<Entry, 'slots'>

const FORMAT = 4
const MAC_BYTES = 16
const PREFIX_BYTES = 6
const COMPRESSED = 1
const BINARY = 2
/**
 * Size above which the body of an entry is compressed, bytes. For smaller bodies the time of zstd (about 60 us to compress and 13 us to
 * decompress, whatever the size) costs more than the saved bytes.
 */
const COMPRESS_ABOVE_BYTES = 16_384
const MAX_BODY_BYTES = 32 * 2 ** 20

/**
 * Header of an encoded entry. It contains the properties `epoch`, `stamp`, `loadedAt`, `costMs`, `until`, `ttlMs` and `tags` of the entry,
 * which {@link Entry} describes. `until` is null if the value changes only by writes. `ttlMs` is null if the TTL of the policy applies. If
 * the value is a Binary, the last item is the JSON description (`head`) of the Binary.
 */
type Header = readonly [string, number, number, number, number | null, number | null, readonly string[], head?: Json]

/**
 * Encodes entries as bytes: format (1 byte), flags (1 byte), length of the header (4 bytes, big endian), header (JSON), body (JSON, or the
 * bytes of a Binary; compressed with zstd when large), MAC (HMAC-SHA-256 over key, header and body, first 16 bytes). The MAC covers the
 * key, so an entry that was moved to another key is refused.
 */
export class EntryCodec {
  readonly #authentications: readonly MessageAuthentication[]

  /**
   * Derives the MAC keys.
   * @param secrets The first secret signs new entries; entries signed with any of the secrets are accepted.
   */
  constructor(secrets: readonly string[]) {
    if (secrets.length === 0) throw new RangeError('Protecting cache entries needs at least one secret.')
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

  /** Decodes an entry. Returns undefined for bytes that were not encoded under this key by a holder of one of the secrets. */
  decode(key: string, bytes: Uint8Array): StoredEntry | undefined {
    const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    if (buffer.length < PREFIX_BYTES + MAC_BYTES || buffer.readUInt8(0) !== FORMAT) return undefined
    const end = buffer.length - MAC_BYTES
    if (!this.#authentications.some((authentication) => authentication.verify(key, buffer, end))) return undefined
    const bodyAt = PREFIX_BYTES + buffer.readUInt32BE(2)
    const header: Header = JSON.parse(buffer.toString('utf8', PREFIX_BYTES, bodyAt))
    const flags = buffer.readUInt8(1)
    const stored = buffer.subarray(bodyAt, end)
    const body = flags & COMPRESSED ? zstdDecompressSync(stored, { maxOutputLength: MAX_BODY_BYTES }) : stored
    const [epoch, stamp, loadedAt, costMs, until, ttlMs, tags, head = null] = header
    return {
      // The bytes are copied, because a slice would keep the whole reply buffer of Redis in memory.
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
