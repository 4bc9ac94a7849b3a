/** Layer of the cache that a value came from: see docs/clients.md. */
export type Layer = 'l1' | 'l2' | 'coalesced' | 'stale' | 'origin' | 'uncached'

/** The invalidation that voided a cached copy. `seq` is its position in the invalidation log. */
interface Voiding {
  readonly tag: string
  readonly seq: number
}

/** A value of the answer, as the gateway reports it in `extensions.cache.fields`. */
export interface ReadReport {
  readonly path: readonly (string | number)[]
  readonly policy: string
  readonly scope: string
  readonly layer: Layer
  readonly ageMs: number
  readonly ttlMs: number
  readonly tags: readonly string[]
  /** Position of the invalidation log up to which the value is known to be valid; undefined for a value past the cache. */
  readonly stamp?: number
  readonly reason?: string
  readonly cause?: string
  readonly voidedBy?: Voiding
}

interface CopyReport {
  readonly isServed: boolean
  readonly because: string
  readonly ageMs: number
  readonly freshMs: number
  readonly stamp: number
  readonly voidedBy?: Voiding
}

/** The whole answer as a value of the cache, as `extensions.cache.response` reports it. */
interface ResponseReport {
  readonly clock: number
  readonly lagMs: number | null
  readonly memory?: CopyReport
  readonly shared?: CopyReport
}

export interface CacheReport {
  readonly response: ResponseReport | null
  readonly fields: readonly ReadReport[]
}

/** Facts about the cache that an answer contains. */
export interface AnswerReport {
  readonly operation: string
  readonly status: number
  /** Time from the request to the whole answer, as the page measured it, ms. */
  readonly durationMs: number
  /** Header X-Cache: HIT, MISS, STALE or BYPASS; undefined if the answer has none. */
  readonly verdict: string | undefined
  readonly cacheStatus: string | undefined
  readonly steps: readonly TimedStep[]
  readonly stale: { readonly reason: string; readonly since: string } | undefined
  /** Undefined if the gateway answers without debug output. */
  readonly cache: CacheReport | undefined
  /** Whether the write gave the page a token, so that what follows shows this write. */
  readonly hasToken: boolean
  /** Number of results that a live query has sent so far; undefined for every other operation. */
  readonly liveResults?: number
  /** Whether the live query has ended, so that no further result comes; undefined for every other operation. */
  readonly isOver?: boolean
}

/** A duration of the header Server-Timing. */
export interface TimedStep {
  readonly name: string
  readonly ms: number
  readonly description: string
}

/** Reads of one field or type, at the same place of the answer in each item of its lists. */
export interface ReadGroup {
  /** Path with `[]` for each index, such as `campaigns.nodes[].owner`. */
  readonly path: string
  readonly policy: string
  readonly scope: string
  readonly reads: readonly ReadReport[]
  readonly layers: readonly { readonly layer: Layer; readonly count: number }[]
  readonly oldestMs: number
  /** Shortest remaining TTL, ms. */
  readonly leastTtlMs: number
}

const LAYER_WORDS: Readonly<Record<Layer, string>> = {
  l1: 'memory',
  l2: 'Redis',
  coalesced: 'shared load',
  stale: 'stale copy',
  origin: 'database',
  uncached: 'not cached',
}
const HITS: ReadonlySet<Layer> = new Set(['l1', 'l2', 'stale'])

/** Returns the name of a layer for people. */
export function layerWord(layer: Layer): string {
  return LAYER_WORDS[layer]
}

/** Returns `hit`, `miss` or `stale`. */
export function verdictOf(layer: Layer): 'hit' | 'miss' | 'stale' {
  if (layer === 'stale') return 'stale'
  return HITS.has(layer) ? 'hit' : 'miss'
}

/** Groups the reads of an answer by their place and policy, in the order of the answer. */
export function groupReads(reads: readonly ReadReport[]): readonly ReadGroup[] {
  const groups = new Map<string, ReadReport[]>()
  for (const read of reads) {
    const key = `${pathText(read.path)} ${read.policy}`
    const group = groups.get(key)
    if (group) group.push(read)
    else groups.set(key, [read])
  }
  return [...groups.values()].map((group) => {
    const [{ path, policy, scope }] = group as [ReadReport]
    return {
      path: pathText(path),
      policy,
      scope,
      reads: group,
      layers: countLayers(group),
      oldestMs: Math.max(...group.map(({ ageMs }) => ageMs)),
      leastTtlMs: Math.min(...group.map(({ ttlMs }) => ttlMs)),
    }
  })
}

/** Returns the path of a value, with `[]` in place of each index. */
function pathText(path: readonly (string | number)[]): string {
  return path.reduce<string>((text, part) => (typeof part === 'number' ? `${text}[]` : text === '' ? part : `${text}.${part}`), '')
}

function countLayers(reads: readonly ReadReport[]): readonly { readonly layer: Layer; readonly count: number }[] {
  const counts = new Map<Layer, number>()
  for (const { layer } of reads) counts.set(layer, (counts.get(layer) ?? 0) + 1)
  return [...counts].map(([layer, count]) => ({ layer, count })).toSorted((a, b) => b.count - a.count)
}

/** Says in a sentence where the values of an answer came from. */
export function summaryOf({ cache, verdict, hasToken, stale, liveResults, isOver }: AnswerReport): string {
  if (isOver) return `The live query has ended after ${many(liveResults ?? 0, 'result')}.`
  if (liveResults !== undefined && !stale)
    return `A live query: ${many(liveResults, 'result')} so far. The gateway sends the next one when a write changes it.`
  if (hasToken) return 'This write gave the page a consistency token. Every instance now shows you what you wrote.'
  if (stale) return `This may be out of date since ${stale.since}: ${stale.reason}.`
  if (!cache) return `The gateway does not tell where values come from, because CACHE_DEBUG is off. X-Cache: ${verdict ?? 'none'}.`
  const { fields } = cache
  if (fields.length === 0) return 'No value of this answer is read through the cache.'
  const cached = fields.filter(({ layer }) => HITS.has(layer)).length
  const layers = countLayers(fields).map(({ layer, count }) => `${count} ${layer === 'uncached' ? '' : 'from '}${PLACES[layer]}`)
  if (cached === fields.length) return `A hit: ${many(cached, 'value')}, ${layers.join(', ')}. Nothing was read from the database.`
  if (cached === 0) return `A miss: ${many(fields.length, 'value')}, ${layers.join(', ')}.`
  return `A miss in part: ${cached} of ${many(fields.length, 'value')} came from the cache; ${layers.join(', ')}.`
}

function many(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`
}

const PLACES: Readonly<Record<Layer, string>> = {
  l1: 'memory',
  l2: 'Redis',
  coalesced: 'a load that another request had started',
  stale: 'stale copies',
  origin: 'the database',
  uncached: 'read without the cache',
}

/** Says what a request without debug output would get, because debug output reads each value by itself. */
export function wholeAnswerOf({ memory, shared }: ResponseReport): string {
  const copy = memory?.isServed ? memory : shared?.isServed ? shared : undefined
  if (copy)
    return `Without debug output this answer would come whole from ${copy === memory ? 'memory' : 'Redis'}, cached at log position ${copy.stamp}.`
  const refused = memory ?? shared
  if (refused) return `The whole answer is cached, and not served: ${refused.because}.`
  return 'The whole answer is not cached here yet: debug output reads each value by itself.'
}

/** Parses the header Server-Timing. Steps without a duration are left out. */
export function parseServerTiming(header: string | null): readonly TimedStep[] {
  return [...(header ?? '').matchAll(/([\w-]+);dur=([\d.]+)(?:;desc="([^"]*)")?/g)].map(([, name = '', ms, description = '']) => ({
    name,
    ms: Number(ms),
    description,
  }))
}

/** Collects what an answer says about the cache, from its headers and its extensions. */
export function reportOf(
  operation: string,
  { status, headers }: { readonly status: number; readonly headers: Headers },
  extensions: Readonly<Record<string, unknown>> | undefined,
  durationMs: number,
): AnswerReport {
  const { cache, stale, consistencyToken } = (extensions ?? {}) as {
    readonly cache?: CacheReport
    readonly stale?: AnswerReport['stale']
    readonly consistencyToken?: string
  }
  return {
    operation,
    status,
    durationMs,
    verdict: headers.get('x-cache') ?? undefined,
    cacheStatus: headers.get('cache-status') ?? undefined,
    steps: parseServerTiming(headers.get('server-timing')),
    stale,
    cache,
    hasToken: consistencyToken !== undefined,
  }
}
