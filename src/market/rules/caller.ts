import { createHash, createHmac, createSecretKey, type KeyObject } from 'node:crypto'
import { parsePhoneNumberFromString } from 'libphonenumber-js/min'
import { foldedText } from '../../gateway/contract/text-input.ts'

/** Length of a caller's hash. */
const HASH_BYTES = 16
/** Longest text that is read as a number. */
const MAX_LENGTH = 40
/** Number of digits, from the end of a number, by which the number is recognised in a text. */
const SIGNIFICANT_DIGITS = 10
const SHA256 = /^[0-9a-f]{64}$/
/** Number of tenants whose keys are kept. */
const MAX_KEYS = 1000

/**
 * Returns the SHA-256 of a phone number in E.164, such as `+12125550123`, as 64 hexadecimal digits; undefined if the text is no number.
 * Numbers without a country code are read as numbers of the United States. Only the length of a number is checked, because area codes are
 * added all the time.
 */
export function numberHash(number: string): string | undefined {
  const parsed = parsed164(number)
  return parsed === undefined ? undefined : sha256Of(parsed)
}

/**
 * Tells whether a text contains the number of a caller, in any spelling: with other characters between the digits, or in other digits of
 * Unicode. If the caller is given as a SHA-256, only numbers of the United States are found.
 * @param caller The number or its SHA-256, as a client names the caller.
 */
export function containsNumber(text: string, caller: string): boolean {
  const digits = foldedText(text).replaceAll(/\D/g, '')
  const hash = givenHash(caller)
  if (hash === undefined) {
    const significant = parsed164(caller)?.slice(1).slice(-SIGNIFICANT_DIGITS)
    return significant !== undefined && digits.includes(significant)
  }
  for (let at = 0; at + SIGNIFICANT_DIGITS <= digits.length; at++)
    if (sha256Of(`+1${digits.slice(at, at + SIGNIFICANT_DIGITS)}`) === hash) return true
  return false
}

function parsed164(number: string): string | undefined {
  if (number.length > MAX_LENGTH) return undefined
  const parsed = parsePhoneNumberFromString(number, { defaultCountry: 'US', extract: false })
  return parsed?.isPossible() ? parsed.number : undefined
}

function sha256Of(number: string): string {
  return createHash('sha256').update(number).digest('hex')
}

/** Returns a SHA-256 that a client sends in place of a number, in lower case; undefined if it is none. */
export function givenHash(text: string): string | undefined {
  const lower = text.toLowerCase()
  return SHA256.test(lower) ? lower : undefined
}

/** Turns the SHA-256 of a number into the 16 bytes by which a caller is known. */
export interface CallerHashes {
  /** Returns the caller of a tenant. Two tenants have different bytes for the same number. */
  ofTenant(tenant: string, sha256: string): Buffer
  /** Returns the entry of the caller in do-not-call lists, which all tenants share. */
  ofDnc(sha256: string): Buffer
}

/** Creates the hashes of a key. @throws RangeError if the key has fewer than 32 bytes. */
export function callerHashes(key: Uint8Array): CallerHashes {
  if (key.length < 32) throw new RangeError(`Expected a key of at least 32 bytes, got ${key.length} bytes.`)
  // A key that is prepared once makes a hash three times as fast as its bytes do.
  const root = createSecretKey(key)
  const dncKey = createSecretKey(hmac(root, 'dnc'))
  const tenantKeys = new Map<string, KeyObject>()
  const keyOf = (tenant: string): KeyObject => {
    let known = tenantKeys.get(tenant)
    if (!known) {
      if (tenantKeys.size >= MAX_KEYS) tenantKeys.clear()
      known = createSecretKey(hmac(root, `tenant:${tenant}`))
      tenantKeys.set(tenant, known)
    }
    return known
  }
  return {
    ofTenant: (tenant, sha256) => keyedHash(keyOf(tenant), sha256),
    ofDnc: (sha256) => keyedHash(dncKey, sha256),
  }
}

function keyedHash(key: KeyObject, sha256: string): Buffer {
  // The message must not contain the text, which may be a number.
  if (!SHA256.test(sha256)) throw new Error('Expected a SHA-256 as 64 hexadecimal digits in lower case.')
  return hmac(key, Buffer.from(sha256, 'hex')).subarray(0, HASH_BYTES)
}

function hmac(key: KeyObject, message: string | Uint8Array): Buffer {
  return createHmac('sha256', key).update(message).digest()
}
