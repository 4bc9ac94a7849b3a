import { readFile } from 'node:fs/promises'
import { createLocalJWKSet, errors, type JSONWebKeySet, type JWTVerifyGetKey } from 'jose'
import { GatewayError } from '../errors.ts'

export interface KeySetOptions {
  /** Reads the JSON Web Key Set from where it is published. */
  readonly read: () => Promise<unknown>
  /** Unix epoch ms. */
  readonly now: () => number
}

/** Age at which the keys are read again, ms. */
const MAX_AGE_MS = 60_000
/** How long keys are used whose source cannot be read, ms: longer than tokens usually live. */
const MAX_STALE_MS = 24 * 3_600_000
/** Shortest time between two attempts to read the keys, ms. Tokens with made-up key ids cause no more than that. */
const RETRY_MS = 5000
const FETCH_TIMEOUT_MS = 3000

/**
 * Public keys that verify tokens. While their source cannot be read, the last good keys are used, and a token whose key is not among
 * them is answered with UNAVAILABLE: whether it is good is not known.
 */
export class KeySet {
  readonly #options: KeySetOptions
  #keys: JWTVerifyGetKey | undefined
  #readAt = Number.NEGATIVE_INFINITY
  #triedAt = Number.NEGATIVE_INFINITY
  #failure: unknown
  #reading: Promise<void> | undefined

  constructor(options: KeySetOptions) {
    this.#options = options
  }

  /**
   * The key of a token's header.
   * @throws GatewayError UNAVAILABLE where the key is not known and the source cannot be read; JOSEError where there is no such key.
   */
  readonly keyOf: JWTVerifyGetKey = async (header, token) => {
    if (this.#ageMs() >= MAX_AGE_MS) await this.#renew()
    try {
      return await this.#current()(header, token)
    } catch (error) {
      if (!(error instanceof errors.JWKSNoMatchingKey)) throw error
      // The key may be newer than the set.
      await this.#renew()
      if (this.#failure !== undefined) throw keysUnavailable(this.#failure)
      return this.#current()(header, token)
    }
  }

  /** Reads the keys now. @throws what reading them throws. */
  async load(): Promise<void> {
    await this.#read()
    if (this.#failure !== undefined) throw this.#failure
  }

  #current(): JWTVerifyGetKey {
    if (!this.#keys || this.#ageMs() >= MAX_STALE_MS) throw keysUnavailable(this.#failure)
    return this.#keys
  }

  #ageMs(): number {
    return this.#options.now() - this.#readAt
  }

  /** Reads the keys, unless that was tried a moment ago. Waits, unless the last attempt failed and there are keys to go on with. */
  async #renew(): Promise<void> {
    if (!this.#reading && this.#options.now() - this.#triedAt < RETRY_MS) return
    const reading = this.#read()
    if (this.#failure === undefined || !this.#keys) await reading
  }

  #read(): Promise<void> {
    this.#reading ??= this.#attempt().finally(() => {
      this.#reading = undefined
    })
    return this.#reading
  }

  async #attempt(): Promise<void> {
    const { read, now } = this.#options
    this.#triedAt = now()
    try {
      this.#keys = createLocalJWKSet((await read()) as JSONWebKeySet)
      this.#readAt = this.#triedAt
      this.#failure = undefined
    } catch (error) {
      this.#failure = error
    }
  }
}

/** The key set of a file. @throws GatewayError CONFIGURATION where the file has none. */
export async function openKeyFile(file: string, now: () => number): Promise<KeySet> {
  const keys = new KeySet({ read: async () => JSON.parse(await readFile(file, 'utf8')) as unknown, now })
  try {
    await keys.load()
  } catch (error) {
    throw new GatewayError('CONFIGURATION', `JWKS_FILE: expected a file with a JSON Web Key Set at ${file}.`, { cause: error })
  }
  return keys
}

/** The key set at an address, which is read when the first token comes. */
export function openKeyAddress(url: string, now: () => number): KeySet {
  const read = async (): Promise<unknown> => {
    const headers = { accept: 'application/jwk-set+json, application/json' }
    const response = await fetch(url, { headers, redirect: 'manual', signal: AbortSignal.timeout(FETCH_TIMEOUT_MS) })
    if (response.status !== 200) throw new Error(`JWKS_URL: expected status 200, got ${response.status}.`)
    return response.json()
  }
  return new KeySet({ read, now })
}

/** A token cannot be verified now, which does not mean that it is bad. */
export function keysUnavailable(cause: unknown): GatewayError {
  return new GatewayError('UNAVAILABLE', 'The keys that verify tokens cannot be read right now: retry in a moment.', { cause })
}
