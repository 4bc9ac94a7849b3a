import { hash } from 'node:crypto'
import { Random } from '#src/market/seed/random.ts'
import type { EnvelopeDocument, SentEnvelope } from './envelope-shapes.ts'
import { randomEnvelope } from './envelope-shapes.ts'

/** The parts of a response that must be the same whenever the request is sent, and whichever cache tier answers the request. */
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
  readonly documents: readonly EnvelopeDocument[]
  /** Sends a request to a gateway with a cache. */
  readonly cached: SendEnvelope
  /** Sends a request to a gateway without a cache, on the same database. */
  readonly uncached: SendEnvelope
  /** Number of findings at which the run stops. Default: 50. */
  readonly maxFindings?: number
}

export interface EnvelopeTally {
  requests: number
  readonly statuses: Map<number, number>
  readonly findings: EnvelopeFinding[]
}

/** Each request is sent three times: cold, from stored documents, and from the cache. */
const REPEATS = 3
const CONCURRENCY = 8
const MAX_FINDINGS = 50
/**
 * Number of attempts while the database is unavailable, which happens for a moment on a busy machine. A permanent
 * failure is still found.
 */
const TRIES = 3

/**
 * Sends each random request several times to a gateway with a cache, and once to a gateway without. No response may be
 * a server error, and all responses must be equal: by POST and by GET, with the text of a document and with its id.
 */
export async function runEnvelopes(options: EnvelopeRunOptions): Promise<EnvelopeTally> {
  const { documents, maxFindings = MAX_FINDINGS } = options
  const tally: EnvelopeTally = { requests: 0, statuses: new Map(), findings: [] }
  for (const [document] of documents) for (const send of [options.cached, options.uncached]) await send(registration(document))
  let next = 0
  const worker = async () => {
    while (next < options.count && tally.findings.length < maxFindings)
      await tryOne(randomEnvelope(new Random(`${options.seed} ${next++}`), documents), options, tally)
  }
  await Promise.all(Array.from({ length: CONCURRENCY }, worker))
  return tally
}

async function tryOne(sent: SentEnvelope, { cached, uncached }: EnvelopeRunOptions, tally: EnvelopeTally): Promise<void> {
  const expected = await answerOf(uncached, sent)
  tally.requests++
  tally.statuses.set(expected.status, (tally.statuses.get(expected.status) ?? 0) + 1)
  const reason = faultOf(expected)
  if (reason !== undefined) tally.findings.push({ sent, reason })
  const [first, ...others] = sent.alike ?? []
  if (first) await compareAlike(first, others, uncached, tally)
  for (let repeat = 1; repeat <= REPEATS; repeat++) {
    const reply = await answerOf(cached, sent)
    tally.requests++
    if (comparable(reply) === comparable(expected)) continue
    tally.findings.push({ sent, reason: `time ${repeat} with a cache: ${comparable(reply)}\n  without one: ${comparable(expected)}` })
    return
  }
}

async function compareAlike(first: SentEnvelope, others: readonly SentEnvelope[], send: SendEnvelope, tally: EnvelopeTally): Promise<void> {
  const expected = await answerOf(send, first)
  for (const sent of others) {
    const reply = await answerOf(send, sent)
    tally.requests++
    if (comparable(reply) === comparable(expected)) continue
    tally.findings.push({ sent, reason: `${comparable(reply)}\n  but by POST ${first.body}: ${comparable(expected)}` })
  }
}

async function answerOf(send: SendEnvelope, sent: SentEnvelope): Promise<EnvelopeReply> {
  let reply = await send(sent)
  for (let tries = 1; tries < TRIES && isUnavailable(reply); tries++) reply = await send(sent)
  return reply
}

/** Returns whether the response says that the database was unavailable, or that a stale copy was served instead. */
function isUnavailable({ text }: EnvelopeReply): boolean {
  return text.includes('"code":"UNAVAILABLE"') || text.includes('"extensions":{"stale":')
}

/** Returns what is wrong with a single response, without comparing that response with others. */
function faultOf({ status, text }: EnvelopeReply): string | undefined {
  if (status >= 500) return `status ${status}: ${text.slice(0, 200)}`
  if (/INTERNAL_SERVER_ERROR|UNAVAILABLE/.test(text)) return `an error of the server: ${text.slice(0, 200)}`
  if (text.includes('Did you mean')) return `a suggestion while introspection is off: ${text.slice(0, 200)}`
  return /^\{"(data|errors)"/.test(text) ? undefined : `no GraphQL answer: ${text.slice(0, 200)}`
}

function comparable({ status, contentType, text }: EnvelopeReply): string {
  return `${status} ${contentType} ${text.replaceAll(/,?"requestId":"[^"]*"/g, '')}`
}

/** Registers the hash of a document, so that responses do not depend on earlier requests. */
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
