import { describe, expect, it } from 'vitest'
import { Cache, type CacheEvent, cacheKey, type LogRow, MemoryLog, type WriteCause } from '#src/engine/cache/index.ts'
import { RecentInvalidations } from '#src/engine/cache/log/recent-invalidations.ts'
import type { Voiding } from '#src/engine/cache/model/miss.ts'
import { MAX_TAGS_OF_CAUSE } from '#src/engine/cache/model/write-cause.ts'
import fc from '../property.ts'
import { ManualEnv } from './manual-env.ts'

interface Write {
  readonly cause: string
  readonly tags: readonly string[]
}

type Attribute = (recent: RecentInvalidations, voiding: Voiding) => string | undefined

/** Returns the row of the log that summarises the writes, as the log of PostgreSQL does. */
function rowOf(seq: number, writes: readonly Write[]): LogRow {
  const causes = [...Map.groupBy(writes, ({ cause }) => cause)].map(([cause, its]): WriteCause => {
    const all = [...new Set(its.flatMap(({ tags }) => tags))]
    return { cause, writes: its.length, firstAt: seq, lastAt: seq, tagCount: all.length, tags: all.slice(0, MAX_TAGS_OF_CAUSE) }
  })
  const sorted = causes.toSorted((a, b) => b.writes - a.writes)
  const tags = [...new Set(writes.flatMap((write) => write.tags))]
  return { seq, epoch: 'e', at: seq, tags, causes: sorted.length === 1 ? sorted.map(({ tags: _, ...cause }) => cause) : sorted }
}

const tag = (spread: number) => fc.nat(spread).map((id) => `t:Thing:${id}`)
const cause = fc.constantFrom('mutation one', 'mutation two', 'program psql', 'operator Ada: wrong')
const write = (maxTags: number, spread: number) => fc.record({ cause, tags: fc.array(tag(spread), { minLength: 1, maxLength: maxTags }) })
const logOf = (maxTags: number, spread: number) =>
  fc.array(fc.array(write(maxTags, spread), { minLength: 1, maxLength: 8 }), { minLength: 1, maxLength: 5 })

/** Expects of each tag of a log that a write is named that emitted it. @param isKnown Whether a write must be named. */
function named(attribute: Attribute, { isKnown }: { readonly isKnown: boolean }) {
  const log = isKnown ? logOf(4, 12) : logOf(60, 200)
  return fc.property(log, (rows) => {
    const recent = new RecentInvalidations()
    for (const [index, writes] of rows.entries()) recent.add(rowOf(index + 1, writes), 1)
    for (const [index, writes] of rows.entries())
      for (const voided of new Set(writes.flatMap(({ tags }) => tags))) {
        const found = attribute(recent, { tag: voided, seq: index + 1 })
        if (found === undefined && !isKnown) continue
        expect(writes.filter(({ tags }) => tags.includes(voided)).map((one) => one.cause)).toContain(found)
      }
  })
}

const real: Attribute = (recent, voiding) => recent.causeOf(voiding)
/** Ways of attribution that name a write that did not void the copy. */
const broken: Readonly<Record<string, Attribute>> = {
  'the cause of most writes of the row': (recent, { seq }) => recent.find(seq)?.causes[0]?.cause,
  'the newest write': (recent) => recent.all()[0]?.causes[0]?.cause,
  'a write of the row before': (recent, { tag: voided, seq }) => recent.causeOf({ tag: voided, seq: Math.max(1, seq - 1) }),
}

describe('The write that voided a copy', () => {
  it('is one that emitted the tag, whichever writes share a row of the log.', () => {
    fc.assert(named(real, { isKnown: true }))
  })

  it('is right or unknown if writes have more tags than the log names.', () => {
    fc.assert(named(real, { isKnown: false }))
  })

  it.each(Object.keys(broken))('would be wrong if the attribution named %s, and the property finds that.', (name) => {
    expect(fc.check(named(broken[name] as Attribute, { isKnown: true })).failed).toBe(true)
  })

  it('is unknown for a tag that only shares its counters with an invalidated one, and for rows that are no longer in memory.', () => {
    const recent = new RecentInvalidations()
    recent.add(rowOf(7, [{ cause: 'mutation one', tags: ['t:Thing:1'] }]), 1)
    expect(recent.causeOf({ tag: 't:Thing:1', seq: 7 })).toBe('mutation one')
    expect(recent.causeOf({ tag: 't:Thing:2', seq: 7 })).toBeUndefined()
    expect(recent.causeOf({ tag: 't:Thing:1', seq: 6 })).toBeUndefined()
  })
})

describe('The cost of a write', () => {
  const policy = { name: 'Thing', l1Ms: 60_000, l2Ms: 0, staleWhileRevalidateMs: 0, staleIfErrorMs: 0 }
  const thing = (id: number) => ({ key: cacheKey('t', 'Thing', [id]), tags: [`t:Thing:${id}`] })

  it('has its share of the time of the load that its reloads took, and not the share of other writes or of first reads.', async () => {
    const env = new ManualEnv()
    const events: CacheEvent[] = []
    const log = new MemoryLog(() => env.now())
    const cache = new Cache({ env, log, entities: [], secrets: ['a secret for tests only'], onEvent: (event) => events.push(event) })
    await cache.start()
    const read = (ids: readonly number[], composed = false) =>
      cache.getMany(
        ids.map(thing),
        { ...policy, composed },
        async (indexes) => {
          await env.advance(40)
          return indexes.map((index) => ({ value: ids[index] }))
        },
        { session: cache.openSession() },
      )
    await read([1, 2, 3])
    await cache.invalidate(['t:Thing:1', 't:Thing:2'], 'mutation one')
    await cache.invalidate(['t:Thing:3'], 'mutation two')
    const always = { from: 0, to: Number.POSITIVE_INFINITY }
    expect([...(await inventoryOf(cache, env, always))]).toEqual([
      ['mutation one', 2],
      ['mutation two', 1],
    ])
    expect([...(await inventoryOf(cache, env, { from: 1, to: 2 }))]).toEqual([])
    events.length = 0
    await read([1, 2, 3, 4])
    const reloads = () =>
      events
        .splice(0)
        .flatMap((event) => (event.type === 'reload' ? [[event.write, event.count, event.needless, event.loadMs] as const] : []))
    const byWrite = Object.fromEntries(Object.entries(Object.groupBy(reloads(), ([name]) => name ?? 'unknown')).map(([k, v]) => [k, v]))
    expect(byWrite).toEqual({
      'mutation one': [
        ['mutation one', 1, 1, 10],
        ['mutation one', 1, 1, 10],
      ],
      'mutation two': [['mutation two', 1, 1, 10]],
    })
    expect([...(await inventoryOf(cache, env, always))]).toEqual([])
    await cache.invalidate(['t:Thing:1'], 'operator Ada: wrong')
    await read([1], true)
    expect(reloads()).toEqual([['operator Ada: wrong', 1, 1, undefined]])
    await cache.close()
  })

  async function inventoryOf(cache: Cache, env: ManualEnv, range: { readonly from: number; readonly to: number }) {
    const counting = cache.inventory.voidedByCause(range)
    await env.advance(0)
    return counting
  }
})
