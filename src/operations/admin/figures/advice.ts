import { percent, ratesOf } from '../../history/rates.ts'
import type { FieldFigures, TagFigures } from '../../telemetry/usage.ts'
import type { ChangePoliciesInput, Report } from '../contract.ts'
import { BASE_PATH } from '../openapi.ts'

type Recommendation = Report['recommendations'][number]

export interface AdviceOptions {
  readonly fields: readonly FieldFigures[]
  readonly tags: readonly TagFigures[]
  /** Current values of a policy, in the units of `@cache`; undefined for a field without a policy. */
  readonly valuesOf: (field: string) => Readonly<Record<string, number>> | undefined
  /** Maximum size of the cache in the memory of a process, bytes. */
  readonly memoryBytes: number
}

/** Minimum number of reads of a field for a recommendation. Fewer say too little. */
const MIN_READS = 100
const MIN_SHARE = 0.05
const MIN_RELOADS = 20
const MAX_SECONDS = 30 * 24 * 60 * 60

/** Returns recommendations with their evidence and the exact change, those that save most misses first. */
export function advise({ fields, tags, valuesOf, memoryBytes }: AdviceOptions): Recommendation[] {
  const found: { readonly weight: number; readonly recommendation: Recommendation }[] = []
  const total = fields.reduce((sum, figures) => sum + ratesOf(figures).reads, 0)
  for (const { field, reads, misses, reloads, needlessReloads } of fields) {
    const all = ratesOf({ reads, misses }).reads
    if (all < MIN_READS) continue
    const values = valuesOf(field)
    if (misses.expired / all >= MIN_SHARE && values !== undefined) {
      const change = Object.fromEntries(
        (['l1', 'l2'] as const)
          .filter((name) => (values[name] ?? 0) > 0)
          .map((name) => [name, Math.min(MAX_SECONDS, 2 * (values[name] ?? 0))]),
      )
      found.push({
        weight: misses.expired / 2,
        recommendation: {
          code: 'longer-ttl',
          subject: field,
          finding: `${percent(misses.expired / all)} of the reads of ${field} miss because the TTL has ended.`,
          evidence: { reads: all, expired: misses.expired, l1: values['l1'] ?? 0, l2: values['l2'] ?? 0 },
          change: `Double the TTL of ${field}: at run time with POST /policies, and for good in @cache.`,
          snippets: [
            { where: `in @cache of ${field}`, text: sdlOf(change) },
            {
              where: 'at run time, until it is reset',
              text: policiesCall({ set: [{ coordinate: field, values: change }] }),
            },
          ],
          expected: `About ${Math.round(misses.expired / 2).toLocaleString('en')} misses fewer in a time range like this one. Writes still invalidate the values at once.`,
          cost: 'Entries stay in memory and in Redis for longer.',
        },
      })
    }
    if (needlessReloads / Math.max(1, reloads) >= 0.3 && needlessReloads >= MIN_RELOADS) {
      const [worst] = tags.filter((tag) => tag.field === field).toSorted((a, b) => b.needlessReloads - a.needlessReloads)
      const type = worst ? worst.tag.replace(/[^A-Za-z0-9].*$/, '') : 'Type'
      found.push({
        weight: needlessReloads,
        recommendation: {
          code: 'narrower-depends',
          subject: field,
          finding: `${percent(needlessReloads / reloads)} of the reloads of ${field} returned the value that had been invalidated.`,
          evidence: { reloads, needlessReloads, ...(worst ? { tag: worst.tag, needlessReloadsOfTag: worst.needlessReloads } : {}) },
          change: `In @cache(depends:) of ${field}, name a column for ${type}, such as "${type}[column: $parent.id]".`,
          snippets: [],
          expected: `Up to ${needlessReloads.toLocaleString('en')} loads fewer in a time range like this one.`,
          cost: 'A change of the schema. Each write emits one more tag for each new column.',
        },
      })
    }
    if (misses['not cacheable'] / all >= 0.1)
      found.push({
        weight: misses['not cacheable'],
        recommendation: {
          code: 'add-policy',
          subject: field,
          finding: `${percent(misses['not cacheable'] / all)} of the reads of ${field} cannot be cached.`,
          evidence: { reads: all, notCacheable: misses['not cacheable'] },
          change: values
            ? `Correct the triggers of its type: see GET /namespaces.`
            : `Add @cache(l1: 60, l2: 300, scope: TENANT) to ${field}.`,
          snippets: values ? [] : [{ where: `on ${field}`, text: '@cache(l1: 60, l2: 300, scope: TENANT)' }],
          expected: `Up to ${misses['not cacheable'].toLocaleString('en')} misses fewer in a time range like this one.`,
          cost: 'Memory for the values.',
        },
      })
  }
  const evicted = fields.reduce((sum, { misses }) => sum + misses.evicted, 0)
  if (total >= MIN_READS && evicted / total >= 0.01)
    found.push({
      weight: evicted,
      recommendation: {
        code: 'more-memory',
        subject: 'CACHE_MEMORY_BYTES',
        finding: `${percent(evicted / total)} of all reads miss because the value was evicted from memory.`,
        evidence: { reads: total, evicted, memoryBytes },
        change: `Double CACHE_MEMORY_BYTES to ${(2 * memoryBytes).toLocaleString('en')} bytes.`,
        snippets: [{ where: 'in the environment of each process', text: `CACHE_MEMORY_BYTES=${2 * memoryBytes}` }],
        expected: `Up to ${evicted.toLocaleString('en')} misses fewer in a time range like this one.`,
        cost: `${Math.round(memoryBytes / 2 ** 20)} MiB more memory for each process.`,
      },
    })
  const shed = fields.reduce((sum, { misses }) => sum + misses.shed, 0)
  if (shed > 0)
    found.push({
      weight: shed,
      recommendation: {
        code: 'more-loads',
        subject: 'DATABASE_POOL_SIZE',
        finding: `${shed.toLocaleString('en')} loads were dropped, because the readers had given up before they began.`,
        evidence: { reads: total, shed },
        change:
          'Find slow loads with GET /query-stats?by=field&sort=durationMs first. Then raise DATABASE_POOL_SIZE and CACHE_CONCURRENT_LOADS.',
        snippets: [],
        expected: 'No dropped loads.',
        cost: 'More connections of the database.',
      },
    })
  return found.toSorted((a, b) => b.weight - a.weight).map(({ recommendation }) => recommendation)
}

/** Returns values of a policy as arguments of `@cache`. */
function sdlOf(values: Readonly<Record<string, number>>): string {
  return Object.entries(values)
    .map(([name, value]) => `${name}: ${value}`)
    .join(', ')
}

/** Returns a command that changes policies at run time, with the variables of the command line. */
function policiesCall(body: ChangePoliciesInput): string {
  const headers = `-H "authorization: Bearer $TIDEGATE_TOKEN" -H 'content-type: application/json'`
  return `curl -s "$TIDEGATE_URL${BASE_PATH}/policies" ${headers} -d '${JSON.stringify(body)}'`
}
