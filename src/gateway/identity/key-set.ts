import { readFile } from 'node:fs/promises'
import { createLocalJWKSet, errors, type JSONWebKeySet, type JWTVerifyGetKey } from 'jose'
import { GatewayError } from '../../errors.ts'

export interface KeySetOptions {
  /** Reads the JSON Web Key Set from the place where the issuer publishes it. */
  readonly read: () => Promise<unknown>
  /** Current time, Unix epoch ms. */
  readonly now: () => number
}

/** Age of the keys at which they are read again, ms. */
const MAX_AGE_MS = 60_000
/** Maximum age of the keys while they cannot be read again, ms. Tokens usually expire earlier. */
const MAX_STALE_MS = 24 * 3_600_000
/** Minimum time between two attempts to read the keys, ms. So tokens with made-up key ids cannot cause more reads. */
const RETRY_MS = 5000
const FETCH_TIMEOUT_MS = 3000

/**
 * Public keys that verify tokens. While the keys cannot be read, the keys of the last successful read stay in use. A token that names an
 * unknown key then gets UNAVAILABLE instead of a refusal, because the issuer may have added this key meanwhile.
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
   * Returns the key that the header of a token names.
   * @throws GatewayError UNAVAILABLE if the key is unknown and the keys cannot be read now; JOSEError if the issuer has no such key.
   */
  readonly keyOf: JWTVerifyGetKey = async (header, token) => {
    if (this.#ageMs() >= MAX_AGE_MS) await this.#renew()
    try {
      return await this.#current()(header, token)
    } catch (error) {
      if (!(error instanceof errors.JWKSNoMatchingKey)) throw error
      // The issuer may have added this key after the keys were last read.
      await this.#renew()
      if (this.#failure !== undefined) throw keysUnavailable(this.#failure)
      return this.#current()(header, token)
    }
  }

  /** Reads the keys now. @throws the error of reading them. */
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

  /**
   * Reads the keys again, unless the last attempt was less than RETRY_MS ago. Waits until the keys are read. If the last attempt failed and
   * the keys of an earlier read can still be used, it does not wait.
   */
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

/** Returns the header fields of a request to another server that name the trace, such as `traceparent`. */
export type TraceHeaders = () => Readonly<Record<string, string>>

/** Creates a key set from a file and reads it. @throws GatewayError CONFIGURATION if the file cannot be read or contains no key set. */
export async function openKeyFile(file: string, now: () => number): Promise<KeySet> {
  const keys = new KeySet({ read: async () => JSON.parse(await readFile(file, 'utf8')) as unknown, now })
  try {
    await keys.load()
  } catch (error) {
    throw new GatewayError('CONFIGURATION', `JWKS_FILE: expected a file with a JSON Web Key Set at ${file}.`, { cause: error })
  }
  return keys
}

/**
 * Creates a key set from a URL, which is read when the first token must be verified.
 * @param traceHeaders Returns header fields for the request that name the trace. Default: none.
 */
export function openKeyAddress(url: string, now: () => number, traceHeaders: TraceHeaders = () => ({})): KeySet {
  const read = async (): Promise<unknown> => {
    const headers = { ...traceHeaders(), accept: 'application/jwk-set+json, application/json' }
    const response = await fetch(url, { headers, redirect: 'manual', signal: AbortSignal.timeout(FETCH_TIMEOUT_MS) })
    if (response.status !== 200) throw new Error(`JWKS_URL: expected status 200, got ${response.status}.`)
    return response.json()
  }
  return new KeySet({ read, now })
}

/** Returns the error for a token that cannot be verified now. Such a token may be valid, so it is not refused. */
export function keysUnavailable(cause: unknown): GatewayError {
  return new GatewayError('UNAVAILABLE', 'The keys that verify tokens cannot be read right now: retry in a moment.', { cause })
}
