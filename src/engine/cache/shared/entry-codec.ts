import { zstdCompressSync, zstdDecompressSync } from 'node:zlib'
import { Binary } from '../model/binary.ts'
import type { Entry } from '../model/entry.ts'
import { EpochDigest } from '../model/epoch-digest.ts'
import type { Json } from '../model/key.ts'
import { MessageAuthentication } from './message-authentication.ts'

/** Entry as the shared tier stores it. The entry has no `slots`, because each process has other indexes for the same tags. */
export type StoredEntry = Omit<Entry, 'slots'>

const FORMAT = 5
const MAC_BYTES = 16
const PREFIX_BYTES = 6
const COMPRESSED = 1
const BINARY = 2
/**
 * Size above which header and body of an entry are compressed, bytes. For smaller ones the time of zstd (about 60 us to compress and 13 us to
 * decompress, whatever the size) costs more than the saved bytes.
 */
const COMPRESS_ABOVE_BYTES = 1024
const MAX_BODY_BYTES = 32 * 2 ** 20

/**
 * Header of an encoded entry. It contains a digest of the `epoch` and the properties `stamp`, `loadedAt`, `costMs`, `until`, `ttlMs` and `tags` of the entry,
 * which {@link Entry} describes. `until` is null if the value changes only by writes. `ttlMs` is null if the TTL of the policy applies. If
 * the value is a Binary, the last item is the JSON description (`head`) of the Binary.
 */
type Header = readonly [string, number, number, number, number | null, number | null, readonly string[], head?: Json]

/**
 * Encodes entries as bytes: format (1 byte), flags (1 byte), length of the header (4 bytes, big endian), header (JSON) and body (JSON, or the
 * bytes of a Binary), both compressed with zstd when they are large, MAC (HMAC-SHA-256 over key and all that, first 16 bytes). The MAC covers the
 * key, so an entry that was moved to another key is refused.
 */
export class EntryCodec {
  readonly #authentications: readonly MessageAuthentication[]
  readonly #epochs = new EpochDigest()

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
    const facts = [this.#epochs.of(epoch), stamp, loadedAt, costMs, Number.isFinite(until) ? until : null, ttlMs ?? null, tags] as const
    const header: Header = binary ? [...facts, binary.head] : facts
    const headerText = JSON.stringify(header)
    const headerBytes = Buffer.byteLength(headerText)
    const plain = binary ? [headerText, binary.bytes] : [headerText, JSON.stringify(value)]
    const plainBytes = headerBytes + (binary ? binary.bytes.byteLength : Buffer.byteLength(plain[1] as string))
    const isCompressed = plainBytes > COMPRESS_ABOVE_BYTES
    const content = isCompressed ? zstdCompressSync(joined(plain, plainBytes)) : undefined
    const end = PREFIX_BYTES + (content?.length ?? plainBytes)
    const bytes = Buffer.allocUnsafe(end + MAC_BYTES)
    bytes.writeUInt8(FORMAT, 0)
    bytes.writeUInt8((isCompressed ? COMPRESSED : 0) | (binary ? BINARY : 0), 1)
    bytes.writeUInt32BE(headerBytes, 2)
    if (content) content.copy(bytes, PREFIX_BYTES)
    else join(plain, bytes, PREFIX_BYTES)
    const [authentication] = this.#authentications as [MessageAuthentication]
    bytes.write(authentication.sign(key, bytes, end), end, MAC_BYTES, 'latin1')
    return bytes
  }

  /**
   * Decodes an entry. Returns undefined for bytes that were not encoded under this key by a holder of one of the secrets.
   * @param currentEpoch The current epoch. An entry of another epoch gets the digest of that epoch in place of its text.
   */
  decode(key: string, bytes: Uint8Array, currentEpoch: string): StoredEntry | undefined {
    const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    if (buffer.length < PREFIX_BYTES + MAC_BYTES || buffer.readUInt8(0) !== FORMAT) return undefined
    const end = buffer.length - MAC_BYTES
    if (!this.#authentications.some((authentication) => authentication.verify(key, buffer, end))) return undefined
    const flags = buffer.readUInt8(1)
    const stored = buffer.subarray(PREFIX_BYTES, end)
    const plain = flags & COMPRESSED ? zstdDecompressSync(stored, { maxOutputLength: MAX_BODY_BYTES }) : stored
    const bodyAt = buffer.readUInt32BE(2)
    const header: Header = JSON.parse(plain.toString('utf8', 0, bodyAt))
    const body = plain.subarray(bodyAt)
    const [epoch, stamp, loadedAt, costMs, until, ttlMs, tags, head = null] = header
    return {
      // The bytes are copied to memory of their own, because a slice would keep the whole buffer in memory to which it belongs.
      value: flags & BINARY ? new Binary(head, new Uint8Array(body)) : JSON.parse(body.toString('utf8')),
      tags,
      epoch: epoch === this.#epochs.of(currentEpoch) ? currentEpoch : epoch,
      stamp,
      loadedAt,
      until: until ?? Number.POSITIVE_INFINITY,
      ttlMs: ttlMs ?? undefined,
      costMs,
    }
  }
}

type Parts = readonly (string | Uint8Array)[]

/** Writes texts, as UTF-8, and bytes one after the other, from an offset on. */
function join(parts: Parts, into: Buffer, offset: number): Buffer {
  let at = offset
  for (const part of parts) {
    if (typeof part === 'string') at += into.write(part, at, 'utf8')
    else {
      into.set(part, at)
      at += part.byteLength
    }
  }
  return into
}

function joined(parts: Parts, bytes: number): Buffer {
  return join(parts, Buffer.allocUnsafe(bytes), 0)
}
