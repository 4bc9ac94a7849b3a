import { hash } from 'node:crypto'
import { Random } from '#src/market/seed/random.ts'
import type { FloodFigures } from './flood.ts'
import type { FoundShares } from './store-watch.ts'

/** Outcome of one request during a flood. */
export interface FloodReply {
  readonly status: number
  /** Whether the response came from the cache. */
  readonly isHit: boolean
}

/** A gateway whose in-memory stores the run can observe. */
export interface FloodedGateway {
  /** Issues a new access token for a user. */
  tokenOf(userId: string): Promise<string>
  ask(token: string, envelope: unknown): Promise<FloodReply>
  /** Returns the resident memory of the gateway, bytes. */
  rss(): Promise<number>
  /** Returns, per store, the share of the keys that were looked up since the last call of `found` and were in the store. */
  found(): Promise<FoundShares>
}

export interface FloodTerms {
  readonly gateway: FloodedGateway
  /** Number of invented requests to send. */
  readonly requests: number
  readonly seed: string
  /** Number of documents that each caller sends before the flood and again after it. */
  readonly documents: number
  readonly fields: FloodFields
  readonly onProgress: (sent: number, rss: number) => void
}

/** Fields that the invented requests select. */
export interface FloodFields {
  /** A field that every caller may read, with its selection. */
  readonly own: string
  /** Returns a field whose argument is an invented name. */
  madeUp(name: string): string
  /** A document with an invented name as its variable. */
  readonly byName: string
  /** A field with a large response. */
  readonly large: string
}

const CONCURRENCY = 16
/** Number of access tokens of one user. Each token is used for several documents. */
const TOKENS = 5
const ROUNDS = 3
const RSS_EVERY = 1000

/** A caller with its own requests, which it sends repeatedly and again after a long pause. */
class Caller {
  readonly #gateway: FloodedGateway
  readonly #tokens: readonly string[]
  readonly #documents: readonly string[]

  private constructor(gateway: FloodedGateway, tokens: readonly string[], documents: readonly string[]) {
    this.#gateway = gateway
    this.#tokens = tokens
    this.#documents = documents
  }

  static async open({ gateway, documents, fields: { own } }: FloodTerms, userId: string): Promise<Caller> {
    const tokens = await Promise.all(Array.from({ length: TOKENS }, () => gateway.tokenOf(userId)))
    return new Caller(
      gateway,
      tokens,
      Array.from({ length: documents }, (_, index) => `{ ${userId}${index}: ${own} }`),
    )
  }

  /**
   * Sends the requests of this caller several times, so that their responses are cached.
   * @returns the share of responses in the last round that came from the cache.
   */
  async settle(): Promise<number> {
    await this.#ask((document) => persisted(document, true))
    let share = 0
    for (let round = 0; round < ROUNDS; round++) share = await this.#ask((document) => persisted(document, false))
    return share
  }

  /**
   * Looks up once each entry that the stores should contain. The order ensures that no request stores an entry that a
   * later request looks up.
   */
  async comeBack(): Promise<{ readonly hitRate: number; readonly kept: FoundShares }> {
    await this.#gateway.found()
    await this.#ask((query) => ({ query, operationName: null }))
    const { documents, tokens } = await this.#gateway.found()
    await this.#ask((document) => ({ ...persisted(document, false), operationName: null }))
    const { 'persisted queries': persistedQueries } = await this.#gateway.found()
    const hitRate = await this.#ask((document) => persisted(document, false))
    const { requests } = await this.#gateway.found()
    return { hitRate, kept: { documents, tokens, requests, 'persisted queries': persistedQueries } }
  }

  /** Sends one request for each document of this caller. @returns the share of responses that came from the cache. */
  async #ask(envelopeOf: (document: string) => unknown): Promise<number> {
    let hits = 0
    for (const [index, document] of this.#documents.entries()) {
      const { isHit } = await this.#gateway.ask(this.#tokens[index % TOKENS] as string, envelopeOf(document))
      if (isHit) hits++
    }
    return hits / this.#documents.length
  }
}

/**
 * Floods the gateway with invented requests of one caller. Another caller is idle meanwhile and then returns, so the
 * entries of the idle caller are the least recently used ones.
 */
export async function runFlood(terms: FloodTerms): Promise<FloodFigures> {
  const { gateway, requests, seed, fields, onProgress } = terms
  const random = new Random(seed)
  const flooding = await Caller.open(terms, 'flooding')
  const quiet = await Caller.open(terms, 'quiet')
  await flooding.settle()
  const hitRateBefore = await quiet.settle()
  const rssBefore = await gateway.rss()
  let rssHighest = rssBefore
  let sent = 0
  let refused = 0
  const flood = async () => {
    while (sent < requests) {
      const number = sent++
      const { status } = await gateway.ask(await gateway.tokenOf('flooding'), madeUp(number, random, fields))
      if (status !== 200) refused++
      if (number % RSS_EVERY === 0) {
        const rss = await gateway.rss()
        rssHighest = Math.max(rssHighest, rss)
        if (number % (10 * RSS_EVERY) === 0) onProgress(number, rss)
      }
    }
  }
  await Promise.all(Array.from({ length: CONCURRENCY }, flood))
  const rssAfter = await gateway.rss()
  const { hitRate: hitRateAfter, kept } = await quiet.comeBack()
  const { kept: keptOfFlood } = await flooding.comeBack()
  return {
    requests,
    refused,
    rssBefore,
    rssHighest: Math.max(rssHighest, rssAfter),
    rssAfter,
    hitRateBefore,
    hitRateAfter,
    kept,
    keptOfFlood,
  }
}

/**
 * Returns a request that was never sent before: with a new document, with new variables, with a document to register as
 * a persisted query, for a large response, or with much insignificant text.
 */
function madeUp(number: number, random: Random, { madeUp: fieldOf, byName, large }: FloodFields): unknown {
  const name = `made-up-${number}.com`
  const field = fieldOf(name)
  const kind = number % 10
  if (kind < 2) return { query: byName, variables: { name } }
  if (kind < 5) return { query: `{ a${number}: ${field} }` }
  if (kind < 8) return persisted(`# ${'x'.repeat(1500)}\n{ b${number}: ${field} c: ${fieldOf(`c${name}`)} }`, true)
  if (kind < 9) return { query: `# ${'x'.repeat(random.integer(100, 4000))}\n{ d${number}: ${field} }` }
  if (number % 50 !== 9) return { query: byName, variables: { name, unused: Array.from({ length: 200 }, () => ({})) } }
  return { query: `{ e${number}: ${large} }` }
}

/**
 * Returns a request for a persisted query.
 * @param withQuery Whether the request contains not only the hash but also the document, and so registers the document.
 */
function persisted(query: string, withQuery: boolean): Readonly<Record<string, unknown>> {
  return { ...(withQuery ? { query } : {}), extensions: { persistedQuery: { version: 1, sha256Hash: hash('sha256', query) } } }
}
