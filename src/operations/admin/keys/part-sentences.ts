import type { MissCause } from '../../../engine/cache/model/miss.ts'
import type { TracedRead } from '../../../gateway/graphql/answers/trace.ts'
import type { Copy, Write } from '../contract.ts'

/** Facts that the sentences of one explanation share. */
export interface SentenceFacts {
  /** Current time, Unix epoch ms. */
  readonly now: number
  readonly stalenessBoundMs: number
}

const CAUSES: Readonly<Record<MissCause, string>> = {
  cold: 'this process had no copy of it',
  invalidated: 'a write had invalidated its copy',
  expired: 'the TTL of its copy had ended',
  evicted: 'its copy had been dropped to make room',
  'not cacheable': 'it must not be stored',
  bypassed: 'the cache was bypassed',
  shed: 'no reader waited for it any more',
}

/** Says in one or two sentences why a part of an answer is as old as it is. Moments are in ISO 8601. */
export function partSentence(read: TracedRead, lastWrite: Write | null, facts: SentenceFacts): string {
  const { layer, ageMs, costMs, cause, reason, staleSince } = read
  if (layer === 'uncached') return `It is read from the database for each request, because ${reason ?? 'it has no cache policy'}.`
  if (layer === 'stale') {
    const since = staleSince === undefined ? '' : ` since ${iso(staleSince)}`
    return `It may be out of date${since}, because ${reason ?? 'the database could not be read'}. It was loaded at ${iso(facts.now - ageMs)}.`
  }
  const why =
    cause === undefined ? '' : `, because ${CAUSES[cause]}${cause === 'invalidated' && lastWrite ? `: ${writeText(lastWrite)}` : ''}`
  if (layer === 'coalesced') return `It was loaded just now by another request that wanted it, too${why}. ${endText(read, facts)}`
  if (layer === 'origin') return `It was loaded from the database just now${why}. ${endText(read, facts)}`
  const note = reason !== undefined && read.ttlMs > 0 ? ` Also: ${reason}.` : ''
  return `${loadedText({ ageMs, costMs }, facts)} ${endText(read, facts)}${note}`
}

/** Says why a cached copy is served as it is. */
export function copySentence(copy: Copy, where: string, lastWrite: Write | null, facts: SentenceFacts): string {
  const ttlMs = copy.freshMs
  const before = lastWrite ? `The last one before was ${writeText(lastWrite)}.` : 'This process remembers none before, either.'
  return `Served from ${where}. ${loadedText(copy, facts)} ${before} ${endText({ ttlMs, reason: copy.because, until: Number.POSITIVE_INFINITY }, facts)}`
}

/** Names a write: its cause, its tag and its position in the invalidation log. */
export function writeText({ causes, tag, clock, at }: Write): string {
  const when = at === null ? '' : ` at ${at}`
  return `${causes.join(', ') || 'a write of unknown cause'}${when} (${tag === null ? '' : `tag ${tag}, `}log position ${clock})`
}

export function seconds(ms: number): string {
  return `${(Math.max(0, ms) / 1000).toFixed(1)} s`
}

interface LoadFacts {
  readonly ageMs: number
  readonly costMs?: number | undefined
}

function loadedText({ ageMs, costMs }: LoadFacts, { now }: SentenceFacts): string {
  const took = costMs === undefined ? '' : `, which took ${costMs < 10 ? costMs.toFixed(1) : costMs.toFixed(0)} ms`
  return `It is ${seconds(ageMs)} old, because it was loaded at ${iso(now - ageMs)}${took}, and since then no write touched its tags.`
}

function endText(read: Pick<TracedRead, 'ttlMs' | 'reason' | 'until'>, { stalenessBoundMs }: SentenceFacts): string {
  const { ttlMs, reason, until } = read
  if (ttlMs <= 0) return `Its TTL has ended${reason === undefined ? '' : `: ${reason}`}.`
  const change = until !== undefined && Number.isFinite(until) ? ` At ${iso(until)} it changes without a write.` : ''
  return `It stays for ${seconds(ttlMs)} more, or until a write touches one of its tags: then no process serves it for longer than the staleness bound, ${seconds(stalenessBoundMs)}.${change}`
}

function iso(at: number): string {
  return new Date(at).toISOString()
}
