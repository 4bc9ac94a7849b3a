import { createCipheriv, createDecipheriv, createHmac, createSecretKey, hkdfSync, type KeyObject } from 'node:crypto'

/** What a reader must have observed: a position in a history, or one barrier where the position is not known. */
export type Need = { readonly epoch: string; readonly clock: number } | 'barrier'

const NONCE_BYTES = 12
const TAG_BYTES = 16
const LONGEST_TOKEN = 300
/** Tokens of one request that are opened; nobody needs as many. */
const MAX_TOKENS = 8
/** All are as long as the longest, so that the length tells nothing of the clock: 11 digits, a space, an epoch, and what is random. */
const CONTENT_CHARACTERS = 100

/**
 * Seals and opens consistency tokens: AES-256-GCM, so that nobody can make one up and none tells how much is written. The
 * nonce is a MAC of the content (a synthetic nonce, as in RFC 8452), so it never repeats for another content, whatever the randomness is
 * worth. The content has a random part: two equal tokens would tell that nobody else wrote between them. Of two secrets the first seals
 * and both open, which lets an operator rotate them.
 */
export class TokenSealer {
  readonly #keys: readonly { readonly cipher: KeyObject; readonly nonce: KeyObject }[]

  readonly #random: () => number

  /** @param random Uniform in [0, 1). */
  constructor(secrets: readonly string[], random: () => number) {
    if (secrets.length === 0) throw new RangeError('Sealing tokens needs at least one secret.')
    this.#random = random
    this.#keys = secrets.map((secret) => ({ cipher: deriveKey(secret, 'token-cipher'), nonce: deriveKey(secret, 'token-nonce') }))
  }

  seal(need: Need): string {
    const [key] = this.#keys
    if (!key) throw new RangeError('Sealing tokens needs at least one secret.')
    const told = need === 'barrier' ? 'b' : `${need.clock.toString(36)} ${need.epoch}`
    const content = Buffer.from(`${told}\n${this.#random().toString(36).slice(2, 10)}`.padEnd(CONTENT_CHARACTERS))
    const nonce = createHmac('sha256', key.nonce).update(content).digest().subarray(0, NONCE_BYTES)
    const cipher = createCipheriv('aes-256-gcm', key.cipher, nonce)
    const sealed = Buffer.concat([nonce, cipher.update(content), cipher.final(), cipher.getAuthTag()])
    return sealed.toString('base64url')
  }

  /**
   * What all of the tokens demand together, the greatest of them.
   * @param tokens One, or several separated by commas. One that was not sealed here counts as none.
   */
  openAll(tokens: string): Need | undefined {
    if (!tokens.includes(',')) return this.#open(tokens)
    const needs = tokens.split(',', MAX_TOKENS).map((token) => this.#open(token))
    return needs.reduce((greatest, need) => (greatest && need ? greater(greatest, need) : (need ?? greatest)), undefined)
  }

  /** What the token demands, or undefined for one that was not sealed here. */
  #open(token: string): Need | undefined {
    if (token.length > LONGEST_TOKEN) return undefined
    const sealed = Buffer.from(token, 'base64url')
    if (sealed.length <= NONCE_BYTES + TAG_BYTES) return undefined
    for (const key of this.#keys) {
      const content = decrypt(key.cipher, sealed)
      if (content !== undefined) return parse(content)
    }
    return undefined
  }
}

/** Positions in two histories have no order: a barrier satisfies both. */
function greater(a: Need, b: Need): Need {
  if (a === 'barrier' || b === 'barrier' || a.epoch !== b.epoch) return 'barrier'
  return a.clock >= b.clock ? a : b
}

/** A key for one purpose (HKDF, RFC 5869). A KeyObject, because a key given as bytes is imported anew at every use. */
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
