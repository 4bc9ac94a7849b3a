/** Of the loads that an invalidation caused, how many gave another value than before. */
export interface Reloads {
  readonly needed: number
  readonly needless: number
}

/** By kind: rows, values of fields, and answers as a whole. */
export type ReloadsByKind = Readonly<Record<'rows' | 'fields' | 'answers', Reloads>>

const LINE = /^tidegate_cache_reloads_total\{policy="([^"]+)",outcome="(needed|needless)"\} (\d+)$/gm

/** Sums what the servers say at /metrics; they run with CACHE_MEASURE_RELOADS=on. */
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

/** Such as `3.2 % of 250`. */
export function needlessText({ needed, needless }: Reloads): string {
  const all = needed + needless
  return all === 0 ? 'no reload' : `${((100 * needless) / all).toFixed(1)} % of ${all}`
}
