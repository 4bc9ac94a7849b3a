/**
 * Numbers of loads that an invalidation caused. A load was `needed` if it returned another value than the load before, and `needless` if it
 * returned the same value.
 */
export interface Reloads {
  readonly needed: number
  readonly needless: number
}

/** Reloads by kind of cache entry: rows, values of fields, and whole responses. */
export type ReloadsByKind = Readonly<Record<'rows' | 'fields' | 'answers', Reloads>>

const LINE = /^tidegate_cache_reloads_total\{policy="([^"]+)",outcome="(needed|needless)"\} (\d+)$/gm

/** Adds up the counters of all gateways, which are read from /metrics. */
export async function readReloads(urls: readonly string[]): Promise<ReloadsByKind> {
  const sums = { rows: { needed: 0, needless: 0 }, fields: { needed: 0, needless: 0 }, answers: { needed: 0, needless: 0 } }
  for (const url of urls) {
    const text = await (await fetch(new URL('/metrics', url))).text()
    for (const [, policy = '', outcome, count] of text.matchAll(LINE)) {
      const kind = policy === 'Response' ? 'answers' : policy.includes('.') ? 'fields' : 'rows'
      sums[kind][outcome === 'needed' ? 'needed' : 'needless'] += Number(count)
    }
  }
  return sums
}

/** Returns the share of needless reloads as a text, such as `3.2 % of 250`. */
export function needlessText({ needed, needless }: Reloads): string {
  const all = needed + needless
  return all === 0 ? 'no reload' : `${((100 * needless) / all).toFixed(1)} % of ${all}`
}
