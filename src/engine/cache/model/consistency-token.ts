import { createCipheriv, createDecipheriv, createHmac, createSecretKey, hkdfSync, type KeyObject } from 'node:crypto'

/**
 * Requirement that must be met before a read is served. With a position `clock`, this instance must have applied the invalidation log up to
 * that position. Positions of different epochs (histories of the database) cannot be compared, so the requirement also names the `epoch`.
 * With 'barrier', no position is known. The read then waits for a sync of the log that starts after the read arrived.
 */
export type Need = { readonly epoch: string; readonly clock: number } | 'barrier'

const NONCE_BYTES = 12
const TAG_BYTES = 16
const MAX_TOKEN_LENGTH = 300
/** Maximum number of consistency tokens that are decrypted for one request. Further tokens are ignored. */
const MAX_TOKENS = 8
/**
 * Length in characters to which the content of every token is padded before it is encrypted, so that the length of a token does not reveal
 * the log position. The content is 11 digits, a space, an epoch, and a random part.
 */
const CONTENT_CHARACTERS = 100

/**
 * Seals and opens consistency tokens with AES-256-GCM. A client cannot forge a token, and a token does not reveal how many writes there
 * were. The nonce is a MAC of the content (a synthetic nonce, as in RFC 8452). So no other content ever has the same nonce, even if the
 * random numbers are poor. The content has a random part. Without this part, two tokens for one log position would be equal, and would
 * reveal that nobody wrote in the time between the two tokens. New tokens are sealed with the first secret. Tokens that were sealed with
 * any of the secrets are opened, so that an operator can rotate secrets.
 */
export class TokenSealer {
  readonly #keys: readonly { readonly cipher: KeyObject; readonly nonce: KeyObject }[]

  readonly #random: () => number

  /**
   * Derives two keys from each secret of the operator: one for the cipher and one for the nonce.
   * @param random Returns a random number, uniform in [0, 1).
   */
  constructor(secrets: readonly string[], random: () => number) {
    if (secrets.length === 0) throw new RangeError('Sealing consistency tokens needs at least one secret.')
    this.#random = random
    this.#keys = secrets.map((secret) => ({ cipher: deriveKey(secret, 'token-cipher'), nonce: deriveKey(secret, 'token-nonce') }))
  }

  seal(need: Need): string {
    const [key] = this.#keys
    if (!key) throw new RangeError('Sealing consistency tokens needs at least one secret.')
    const told = need === 'barrier' ? 'b' : `${need.clock.toString(36)} ${need.epoch}`
    const content = Buffer.from(`${told}\n${this.#random().toString(36).slice(2, 10)}`.padEnd(CONTENT_CHARACTERS))
    const nonce = createHmac('sha256', key.nonce).update(content).digest().subarray(0, NONCE_BYTES)
    const cipher = createCipheriv('aes-256-gcm', key.cipher, nonce)
    const sealed = Buffer.concat([nonce, cipher.update(content), cipher.final(), cipher.getAuthTag()])
    return sealed.toString('base64url')
  }

  /**
   * Returns one requirement that includes the requirements of all valid tokens; undefined if no token is valid. A token is valid if it was
   * sealed with one of the secrets.
   * @param tokens One token, or several separated by commas.
   */
  openAll(tokens: string): Need | undefined {
    if (!tokens.includes(',')) return this.#open(tokens)
    const needs = tokens.split(',', MAX_TOKENS).map((token) => this.#open(token))
    return needs.reduce((greatest, need) => (greatest && need ? greater(greatest, need) : (need ?? greatest)), undefined)
  }

  /** Decrypts a token and returns its requirement; undefined if the token was not sealed with one of the secrets. */
  #open(token: string): Need | undefined {
    if (token.length > MAX_TOKEN_LENGTH) return undefined
    const sealed = Buffer.from(token, 'base64url')
    if (sealed.length <= NONCE_BYTES + TAG_BYTES) return undefined
    for (const key of this.#keys) {
      const content = decrypt(key.cipher, sealed)
      if (content !== undefined) return parse(content)
    }
    return undefined
  }
}

/**
 * Returns one requirement that includes both given requirements. Log positions of different epochs (histories of the database) cannot be
 * compared, so the result is then a barrier.
 */
function greater(a: Need, b: Need): Need {
  if (a === 'barrier' || b === 'barrier' || a.epoch !== b.epoch) return 'barrier'
  return a.clock >= b.clock ? a : b
}

/**
 * Derives a key for one purpose from a secret (HKDF, RFC 5869). Returns a KeyObject, because node:crypto would otherwise import the bytes
 * of the key at every use.
 */
export function deriveKey(secret: string, purpose: string): KeyObject {
  return createSecretKey(Buffer.from(hkdfSync('sha256', secret, '', `tidegate ${purpose}`, 32)))
}

function decrypt(key: KeyObject, sealed: Buffer): string | undefined {
  const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, NONCE_BYTES), { authTagLength: TAG_BYTES })
  decipher.setAuthTag(sealed.subarray(-TAG_BYTES))
  try {
    return decipher.update(sealed.subarray(NONCE_BYTES, -TAG_BYTES), undefined, 'utf8') + decipher.final('utf8')
  } catch {
    return undefined
  }
}

function parse(padded: string): Need | undefined {
  const content = padded.slice(0, padded.indexOf('\n'))
  if (content === 'b') return 'barrier'
  const space = content.indexOf(' ')
  const clock = Number.parseInt(content.slice(0, space), 36)
  return Number.isSafeInteger(clock) ? { clock, epoch: content.slice(space + 1) } : undefined
}
