import { createCipheriv, createDecipheriv, type KeyObject, randomBytes } from 'node:crypto'
import { promisify } from 'node:util'
import { zstdCompress, zstdDecompress } from 'node:zlib'
import { deriveKey } from '../../engine/cache/model/consistency-token.ts'
import { type HotRecord, readRecord, writeRecord } from './hot-record.ts'

const compress = promisify(zstdCompress)
const decompress = promisify(zstdDecompress)

const FORMAT = 1
const NONCE_BYTES = 12
const TAG_BYTES = 16
const MAX_TEXT_BYTES = 4 * 2 ** 20

/**
 * Encodes records as bytes. The bytes consist of the format (1 byte), a nonce (12 bytes), the encrypted record and an authentication tag
 * (16 bytes). The record is written as JSON, compressed with zstd, and encrypted with AES-256-GCM.
 * A record is encrypted because it contains variables and user ids. It is authenticated because a process executes the operations of the
 * record. The tag also authenticates the place of the record (schema version and process). So a record is refused if somebody copied it to
 * another place in Redis.
 */
export class RecordCodec {
  readonly #keys: readonly [KeyObject, ...KeyObject[]]

  /** @param secrets Secrets from which the keys are derived. The first secret is used for encryption. Decryption tries all secrets. */
  constructor(secrets: readonly string[]) {
    const [first, ...others] = secrets.map((secret) => deriveKey(secret, 'warming-records'))
    if (!first) throw new RangeError('Encrypting the records for warming needs at least one secret.')
    this.#keys = [first, ...others]
  }

  /** @param place Place of the record in the store: the schema version, a colon, and the name of the process. */
  async encode(place: string, record: HotRecord): Promise<Buffer> {
    const nonce = randomBytes(NONCE_BYTES)
    const cipher = createCipheriv('aes-256-gcm', this.#keys[0], nonce, { authTagLength: TAG_BYTES })
    cipher.setAAD(Buffer.from(place))
    const content = await compress(writeRecord(record))
    return Buffer.concat([Buffer.of(FORMAT), nonce, cipher.update(content), cipher.final(), cipher.getAuthTag()])
  }

  /**
   * Returns the record. Returns undefined if the bytes were changed, were encoded for another place, or were encoded with an unknown
   * secret.
   */
  async decode(place: string, bytes: Uint8Array): Promise<HotRecord | undefined> {
    const sealed = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    if (sealed.length < 1 + NONCE_BYTES + TAG_BYTES || sealed.readUInt8(0) !== FORMAT) return undefined
    for (const key of this.#keys) {
      const content = decrypt(key, place, sealed.subarray(1))
      if (content) return readRecord((await decompress(content, { maxOutputLength: MAX_TEXT_BYTES })).toString())
    }
    return undefined
  }
}

function decrypt(key: KeyObject, place: string, sealed: Buffer): Buffer | undefined {
  const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, NONCE_BYTES), { authTagLength: TAG_BYTES })
  decipher.setAAD(Buffer.from(place))
  decipher.setAuthTag(sealed.subarray(-TAG_BYTES))
  try {
    return Buffer.concat([decipher.update(sealed.subarray(NONCE_BYTES, -TAG_BYTES)), decipher.final()])
  } catch {
    return undefined
  }
}
