import { createHmac, type KeyObject, timingSafeEqual } from 'node:crypto'
import { zstdCompressSync, zstdDecompressSync } from 'node:zlib'
import { deriveKey } from './consistency-token.ts'
import type { Entry } from './entry.ts'

/** What is stored in the shared tier, without what only this process knows. */
export type StoredEntry = Omit<Entry, 'slots'>

const FORMAT = 2
const MAC_BYTES = 16
const PREFIX_BYTES = 6
const COMPRESSED = 1
/** Below it the time to decompress (13 us however small) is worth more than the bytes. */
const COMPRESS_ABOVE_BYTES = 4096
const LARGEST_BODY_BYTES = 32 * 2 ** 20

interface Header {
  readonly epoch: string
  readonly stamp: number
  readonly loadedAt: number
  readonly costMs: number
  /** Left out where there is no such moment. */
  readonly until?: number
  /** Left out where the policy decides. */
  readonly ttlMs?: number
  readonly tags: readonly string[]
}

/**
 * Entries as bytes: format (1), flags (1), header's length (4, big endian), header (JSON), body (JSON, zstd when large), MAC
 * (HMAC-SHA-256 over key, header and body, first 16 bytes). The MAC covers the key, so an entry moved to another key is refused.
 */
export class EntryCodec {
  readonly #macKeys: readonly KeyObject[]

  /** @param secrets The first writes, all read. */
  constructor(secrets: readonly string[]) {
    if (secrets.length === 0) throw new RangeError('Protecting entries needs at least one secret.')
    this.#macKeys = secrets.map((secret) => deriveKey(secret, 'entry-mac'))
  }

  encode(key: string, entry: StoredEntry): Buffer {
    const header: Header = {
      epoch: entry.epoch,
      stamp: entry.stamp,
      loadedAt: entry.loadedAt,
      costMs: entry.costMs,
      ...(entry.until === Number.POSITIVE_INFINITY ? {} : { until: entry.until }),
      ...(entry.ttlMs === undefined ? {} : { ttlMs: entry.ttlMs }),
      tags: entry.tags,
    }
    const headerBytes = Buffer.from(JSON.stringify(header))
    const plain = Buffer.from(JSON.stringify(entry.value))
    const compressed = plain.length > COMPRESS_ABOVE_BYTES
    const prefix = Buffer.alloc(PREFIX_BYTES)
    prefix.writeUInt8(FORMAT, 0)
    prefix.writeUInt8(compressed ? COMPRESSED : 0, 1)
    prefix.writeUInt32BE(headerBytes.length, 2)
    const content = Buffer.concat([prefix, headerBytes, compressed ? zstdCompressSync(plain) : plain])
    return Buffer.concat([content, mac(this.#macKeys[0] as KeyObject, key, content)])
  }

  /** The entry, or undefined for bytes that were not encoded under this key by a holder of the secret. */
  decode(key: string, bytes: Uint8Array): StoredEntry | undefined {
    const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    if (buffer.length < PREFIX_BYTES + MAC_BYTES || buffer.readUInt8(0) !== FORMAT) return undefined
    const content = buffer.subarray(0, -MAC_BYTES)
    const given = buffer.subarray(-MAC_BYTES)
    if (!this.#macKeys.some((macKey) => timingSafeEqual(mac(macKey, key, content), given))) return undefined
    const bodyAt = PREFIX_BYTES + content.readUInt32BE(2)
    const header: Header = JSON.parse(content.toString('utf8', PREFIX_BYTES, bodyAt))
    const body = content.subarray(bodyAt)
    const plain = content.readUInt8(1) === COMPRESSED ? zstdDecompressSync(body, { maxOutputLength: LARGEST_BODY_BYTES }) : body
    const { epoch, stamp, loadedAt, costMs, until = Number.POSITIVE_INFINITY, ttlMs, tags } = header
    return { value: JSON.parse(plain.toString('utf8')), tags, epoch, stamp, loadedAt, until, ttlMs, costMs }
  }
}

function mac(macKey: KeyObject, key: string, content: Buffer): Buffer {
  return createHmac('sha256', macKey).update(`${key.length}:${key}`).update(content).digest().subarray(0, MAC_BYTES)
}
