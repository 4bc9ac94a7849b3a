import { hash } from 'node:crypto'
import { Random } from '../../src/seed/random.ts'
import type { FloodReply, HostileGateway } from './hostile-gateway.ts'

/** What a flood of made-up requests did to a gateway. */
export interface FloodFigures {
  readonly requests: number
  readonly refused: number
  /** Resident memory of the process: before the flood, at its highest, after it, bytes. */
  readonly rssBefore: number
  readonly rssHighest: number
  readonly rssAfter: number
  /** The share of a user's requests that were answered from the cache before and during the flood, 0 to 1. */
  readonly hitRateBefore: number
  readonly hitRateDuring: number
  /** The share of a user's persisted queries that the gateway knew during the flood, 0 to 1. */
  readonly knownRate: number
}

export interface FloodTerms {
  readonly gateway: HostileGateway
  readonly requests: number
  readonly seed: string
  /** Global id of a campaign of the user's. */
  readonly campaign: string
  readonly onProgress: (sent: number, rss: number) => void
}

/** So that no answer of the user's ends by its time while the flood goes on. */
export const FLOOD_ENV = {
  CACHE_POLICIES: '{"Campaign":{"l1":3600,"l2":7200},"Tenant":{"l1":3600,"l2":7200}}',
}

const MIB = 2 ** 20
/** What a process takes beside what it keeps: see docs/operations.md, Memory. */
const FIXED_BYTES = 320 * MIB
/** What is kept, and what is collected of it only now and then. */
const GARBAGE_FACTOR = 2
const MIN_HIT_SHARE = 0.95

/** What docs/operations.md says that a process takes at most. */
export function documentedBytes(cacheMemoryBytes: number, requestMemoryBytes: number): number {
  return FIXED_BYTES + GARBAGE_FACTOR * (cacheMemoryBytes + requestMemoryBytes)
}

/** What is wrong with the figures. */
export function floodFindings(
  { requests, refused, rssHighest, hitRateBefore, hitRateDuring, knownRate }: FloodFigures,
  documented: number,
): readonly string[] {
  const findings: string[] = []
  if (rssHighest > documented) findings.push(`expected at most ${mib(documented)} MiB of memory, got ${mib(rssHighest)}`)
  if (hitRateDuring < MIN_HIT_SHARE * hitRateBefore)
    findings.push(`expected a hit rate of ${hitRateBefore.toFixed(3)} less a twentieth at most, got ${hitRateDuring.toFixed(3)}`)
  if (knownRate < MIN_HIT_SHARE) findings.push(`expected the persisted queries of a user to be known, got ${knownRate.toFixed(3)} of them`)
  if (refused > requests / 100) findings.push(`expected made-up requests to be answered, got ${refused} refused`)
  return findings
}

export function floodReport({ requests, refused, rssBefore, rssHighest, rssAfter, ...rates }: FloodFigures): string {
  return [
    `${requests} made-up requests, ${refused} refused`,
    `memory: ${mib(rssBefore)} MiB before, ${mib(rssHighest)} at its highest, ${mib(rssAfter)} afterwards`,
    `a user's hits: ${rates.hitRateBefore.toFixed(3)} before, ${rates.hitRateDuring.toFixed(3)} during the flood; persisted queries known: ${rates.knownRate.toFixed(3)}`,
  ].join('\n')
}

function mib(bytes: number): string {
  return (bytes / MIB).toFixed(0)
}

const CONCURRENCY = 16
const OWN_QUERIES = 200
/** Made-up requests between two requests of the user's. */
const REQUESTS_PER_OWN = 20
const RSS_EVERY = 1000

/** Sends made-up requests of anonymous callers, and between them those of a user who asks for the same things again and again. */
export async function runFlood({ gateway, requests, seed, campaign, onProgress }: FloodTerms): Promise<FloodFigures> {
  const random = new Random(seed)
  const own = Array.from({ length: OWN_QUERIES }, (_, index) => `{ own${index}: campaign(id: ${JSON.stringify(campaign)}) { id name } }`)
  for (let round = 0; round < 3; round++) for (const query of own) await gateway.askAs('ADMIN', persisted(query, true))
  const before = await rounds(own.map((query) => gateway.askAs('ADMIN', persisted(query, false))))
  const rssBefore = await gateway.rss()
  let rssHighest = rssBefore
  let sent = 0
  let refused = 0
  const during: Promise<FloodReply>[] = []
  const flood = async () => {
    while (sent < requests) {
      const number = sent++
      const reply = await gateway.askAs('nobody', madeUp(number, random))
      if (reply.status !== 200) refused++
      if (number % REQUESTS_PER_OWN === 0) {
        const query = own[(number / REQUESTS_PER_OWN) % own.length] as string
        during.push(gateway.askAs('ADMIN', persisted(query, false)))
      }
      if (number % RSS_EVERY === 0) {
        const rss = await gateway.rss()
        rssHighest = Math.max(rssHighest, rss)
        if (number % (10 * RSS_EVERY) === 0) onProgress(number, rss)
      }
    }
  }
  await Promise.all(Array.from({ length: CONCURRENCY }, flood))
  const rates = await rounds(during)
  const rssAfter = await gateway.rss()
  return {
    requests,
    refused,
    rssBefore,
    rssHighest: Math.max(rssHighest, rssAfter),
    rssAfter,
    hitRateBefore: before.hits,
    hitRateDuring: rates.hits,
    knownRate: rates.known,
  }
}

/** A request that nobody sent before: another document, other variables, a registration, a large answer, much text around it. */
function madeUp(number: number, random: Random): unknown {
  const name = `made-up-${number}.com`
  const byVariable = { query: 'query($name: DomainName!) { liveDomain(name: $name) { name tld status } }', variables: { name } }
  const kind = number % 10
  if (kind < 3) return byVariable
  if (kind < 6) return { query: `{ a${number}: liveDomain(name: "${name}") { name unicodeName tld status popularityRank } }` }
  if (kind < 8)
    return persisted(`{ b${number}: liveDomain(name: "${name}") { name } c: liveDomain(name: "c${name}") { tld status } }`, true)
  if (kind < 9) return { query: `# ${'x'.repeat(random.integer(100, 4000))}\n{ d${number}: liveDomain(name: "${name}") { name } }` }
  if (number % 50 !== 9) return { ...byVariable, variables: { name, unused: Array.from({ length: 200 }, () => ({})) } }
  return { query: `{ e${number}: tlds(kind: COUNTRY_CODE) { name unicodeName kind } }` }
}

/** @param withQuery Whether the document is sent with its hash, which registers it. */
function persisted(query: string, withQuery: boolean): unknown {
  return { ...(withQuery ? { query } : {}), extensions: { persistedQuery: { version: 1, sha256Hash: hash('sha256', query) } } }
}

async function rounds(replies: readonly Promise<FloodReply>[]): Promise<{ hits: number; known: number }> {
  const settled = await Promise.all(replies)
  const share = (count: number) => (settled.length === 0 ? 1 : count / settled.length)
  return {
    hits: share(settled.filter(({ isHit }) => isHit).length),
    known: share(settled.filter(({ text }) => !text.includes('PersistedQueryNotFound')).length),
  }
}
