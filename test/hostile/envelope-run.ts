import { hash } from 'node:crypto'
import { Random } from '../../src/seed/random.ts'
import { envelopeDocuments, randomEnvelope, type SentEnvelope } from './envelope-shapes.ts'

/** What was answered: all that must be the same however often, and wherever, the request is sent. */
export interface EnvelopeReply {
  readonly status: number
  readonly contentType: string
  readonly text: string
}

export type SendEnvelope = (sent: SentEnvelope) => Promise<EnvelopeReply>

export interface EnvelopeFinding {
  readonly sent: SentEnvelope
  readonly reason: string
}

export interface EnvelopeRunOptions {
  readonly count: number
  readonly seed: string
  /** A campaign's global id. */
  readonly id: string
  /** A gateway with its cache. */
  readonly cached: SendEnvelope
  /** One of the same database without. */
  readonly uncached: SendEnvelope
}

export interface EnvelopeTally {
  requests: number
  readonly statuses: Map<number, number>
  readonly findings: EnvelopeFinding[]
}

/** Cold, stored, and at hand. */
const REPEATS = 3
const CONCURRENCY = 8
const MAX_FINDINGS = 50

/**
 * Sends random envelopes, each several times to a gateway with a cache and once to one without: no answer may be an error of the
 * server, and all answers to one request must be the same.
 */
export async function runEnvelopes(options: EnvelopeRunOptions): Promise<EnvelopeTally> {
  const documents = envelopeDocuments(options.id)
  const tally: EnvelopeTally = { requests: 0, statuses: new Map(), findings: [] }
  for (const [document] of documents) for (const send of [options.cached, options.uncached]) await send(registration(document))
  let next = 0
  const worker = async () => {
    while (next < options.count && tally.findings.length < MAX_FINDINGS)
      await tryOne(randomEnvelope(new Random(`${options.seed} ${next++}`), documents), options, tally)
  }
  await Promise.all(Array.from({ length: CONCURRENCY }, worker))
  return tally
}

async function tryOne(sent: SentEnvelope, { cached, uncached }: EnvelopeRunOptions, tally: EnvelopeTally): Promise<void> {
  const expected = await uncached(sent)
  tally.requests++
  tally.statuses.set(expected.status, (tally.statuses.get(expected.status) ?? 0) + 1)
  const reason = faultOf(expected)
  if (reason !== undefined) tally.findings.push({ sent, reason })
  for (let repeat = 1; repeat <= REPEATS; repeat++) {
    const reply = await cached(sent)
    tally.requests++
    if (comparable(reply) === comparable(expected)) continue
    tally.findings.push({ sent, reason: `time ${repeat} with a cache: ${comparable(reply)}\n  without one: ${comparable(expected)}` })
    return
  }
}

/** What is wrong with one answer by itself. */
function faultOf({ status, text }: EnvelopeReply): string | undefined {
  if (status >= 500) return `status ${status}: ${text.slice(0, 200)}`
  if (/INTERNAL_SERVER_ERROR|UNAVAILABLE/.test(text)) return `an error of the server: ${text.slice(0, 200)}`
  if (text.includes('Did you mean')) return `a suggestion while introspection is off: ${text.slice(0, 200)}`
  return /^\{"(data|errors)"/.test(text) ? undefined : `no GraphQL answer: ${text.slice(0, 200)}`
}

function comparable({ status, contentType, text }: EnvelopeReply): string {
  return `${status} ${contentType} ${text.replaceAll(/,?"requestId":"[^"]*"/g, '')}`
}

/** Afterwards the hash of the document is known, so that the answer does not depend on what was sent before. */
function registration(document: string): SentEnvelope {
  const extensions = { persistedQuery: { version: 1, sha256Hash: hash('sha256', document) } }
  const headers = { 'content-type': 'application/json', accept: 'application/json' }
  return { method: 'POST', isAnonymous: true, headers, search: '', body: Buffer.from(JSON.stringify({ query: document, extensions })) }
}

export function envelopeReport({ requests, statuses, findings }: EnvelopeTally): string {
  return [
    `${requests} requests with random envelopes`,
    ...[...statuses].toSorted(([a], [b]) => a - b).map(([status, count]) => `${String(count).padStart(8)}  status ${status}`),
    findings.length === 0 ? 'nothing found' : `${findings.length} found:`,
    ...findings.map(
      ({ sent, reason }) =>
        `FOUND ${sent.method} ${JSON.stringify(sent.headers)} ${sent.method === 'GET' ? decodeURIComponent(sent.search) : sent.body.toString()}\n  ${reason}`,
    ),
  ].join('\n')
}
