import { describe, expect, it } from 'vitest'
import { cacheKey, canonicalJson, type Json } from '#src/engine/cache/index.ts'
import { TagSketch } from '#src/engine/cache/log/tag-sketch.ts'
import { Binary } from '#src/engine/cache/model/binary.ts'
import { TokenSealer } from '#src/engine/cache/model/consistency-token.ts'
import { completeTags } from '#src/engine/cache/model/tags.ts'
import { LoadSemaphore } from '#src/engine/cache/read/load-semaphore.ts'
import { EntryCodec } from '#src/engine/cache/shared/entry-codec.ts'
import fc from '../property.ts'

const json = fc.letrec<{ json: Json }>((tie) => ({
  json: fc.oneof(
    { depthSize: 'small' },
    fc.constant(null),
    fc.boolean(),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.integer(),
    fc.string({ unit: 'binary' }),
    fc.array(tie('json'), { maxLength: 4 }),
    fc.dictionary(fc.string({ unit: 'binary', maxLength: 4 }), tie('json'), { maxKeys: 4 }),
  ),
})).json
const tenant = fc.stringMatching(/^[a-z0-9][a-z0-9_-]{0,20}$/)

describe('a cache key', () => {
  it('is equal for equal inputs and different for different inputs', () => {
    fc.assert(
      fc.property(tenant, tenant, fc.array(json, { maxLength: 3 }), fc.array(json, { maxLength: 3 }), (tenantA, tenantB, a, b) => {
        const same = tenantA === tenantB && deepEqual(a, b)
        expect(cacheKey(tenantA, 'Type', a).text === cacheKey(tenantB, 'Type', b).text).toBe(same)
      }),
    )
  })

  it.each<[string, Json[], Json[]]>([
    ['1 and "1"', [1], ['1']],
    ['0 and -0', [0], [-0]],
    ['null and absent', [{ a: null }], [{}]],
    ['composed and decomposed letters', ['\u00e9'], ['e\u0301']],
    ['a list and its elements', [['a', 'b']], ['a', 'b']],
    ['text that looks like a separator', ['a","b'], ['a', 'b']],
    ['long texts that differ at the end', ['x'.repeat(1000)], [`${'x'.repeat(999)}y`]],
  ])('is different for two similar inputs: %s', (_, a, b) => {
    expect(cacheKey('acme', 'Type', a).text).not.toBe(cacheKey('acme', 'Type', b).text)
  })

  it('does not depend on the order of object properties', () => {
    expect(canonicalJson({ a: 1, b: { c: 2, d: 3 } })).toBe(canonicalJson({ b: { d: 3, c: 2 }, a: 1 }))
  })

  it('has fewer than 250 characters, all of them printable', () => {
    fc.assert(
      fc.property(tenant, fc.array(json), (name, parts) => {
        const { text } = cacheKey(name, 'Query.searchDomains', parts)
        expect(text.length).toBeLessThan(250 - 'tidegate:1:'.length)
        expect(text).toMatch(/^[\x20-\x7e]+$/)
      }),
    )
  })

  it.each(['', 'Acme', 'a:b', 'a b', '*', 'a'.repeat(64)])('is rejected with an error if the tenant is %j', (name) => {
    expect(() => cacheKey(name, 'Type', [])).toThrow(/tenant must match/)
  })
})

describe('the codec of entries in the shared tier', () => {
  const codec = new EntryCodec(['secret'])
  const entry = fc.record({
    value: json.filter((value) => deepEqual(value, JSON.parse(JSON.stringify(value)))),
    tags: fc.array(fc.string()),
    epoch: fc.string(),
    stamp: fc.nat(),
    loadedAt: fc.nat(),
    until: fc.oneof(fc.nat(), fc.constant(Number.POSITIVE_INFINITY)),
    ttlMs: fc.option(fc.nat(), { nil: undefined }),
    costMs: fc.nat(),
  })

  it('decodes an entry to the value that was encoded', () => {
    fc.assert(
      fc.property(fc.string(), entry, (key, stored) => {
        expect(codec.decode(key, codec.encode(key, stored), stored.epoch)).toEqual(stored)
      }),
    )
  })

  it.each([10, 2000, 20_000])('decodes %d bytes to memory of their own, so that they keep no larger buffer in memory', (size) => {
    const bytes = Buffer.from('0123456789'.repeat(size / 10))
    const stored = { value: new Binary({}, bytes), tags: [], epoch: 'e', stamp: 1, loadedAt: 1, until: 1, ttlMs: 1, costMs: 1 }
    const { value } = codec.decode('key', codec.encode('key', stored), 'e') as { value: Binary }
    expect([Buffer.from(value.bytes).equals(bytes), value.bytes.buffer.byteLength]).toEqual([true, size])
  })

  it('gives an entry of another epoch no epoch that is current', () => {
    const stored = { value: 1, tags: [], epoch: 'old', stamp: 1, loadedAt: 1, until: 1, ttlMs: 1, costMs: 1 }
    const bytes = codec.encode('key', stored)
    expect(codec.decode('key', bytes, 'old')?.epoch).toBe('old')
    for (const current of ['new', '', codec.decode('key', bytes, 'new')?.epoch ?? '']) {
      const epoch = codec.decode('key', bytes, current)?.epoch
      expect([epoch === 'old', epoch === 'new']).toEqual([false, false])
    }
  })

  it('rejects an entry that was truncated, modified, or encoded for another key or with another secret', () => {
    fc.assert(
      fc.property(entry, fc.nat(), fc.integer({ min: 1, max: 255 }), (stored, position, difference) => {
        const bytes = codec.encode('key', stored)
        const changed = Buffer.from(bytes)
        const at = position % bytes.length
        changed[at] = (changed[at] as number) ^ difference
        expect(codec.decode('key', changed, stored.epoch)).toBeUndefined()
        expect(codec.decode('key', bytes.subarray(0, at), stored.epoch)).toBeUndefined()
        expect(codec.decode('other', bytes, stored.epoch)).toBeUndefined()
        expect(new EntryCodec(['another']).decode('key', bytes, stored.epoch)).toBeUndefined()
        expect(new EntryCodec(['newer', 'secret']).decode('key', bytes, stored.epoch)).toEqual(stored)
      }),
    )
  })
})

describe('the tag sketch (it stores the log position at which each tag was last invalidated)', () => {
  it('never reports a tag as valid if the tag was invalidated after the log position of the cached value', () => {
    fc.assert(
      fc.property(
        fc.integer(),
        fc.array(fc.tuple(fc.array(fc.string(), { minLength: 1, maxLength: 5 }), fc.nat(3)), { maxLength: 50 }),
        (seed, steps) => {
          const sketch = new TagSketch(seed, 2 ** 12)
          const last = new Map<string, number>()
          let seq = 0
          for (const [tags, gap] of steps) {
            seq += 1 + gap
            sketch.invalidate(tags, seq)
            for (const tag of tags) last.set(tag, seq)
          }
          for (const [tag, at] of last) {
            expect(sketch.isClean(sketch.slots([tag]), at - 1)).toBe(false)
            expect(sketch.isClean(sketch.slots([tag]), seq)).toBe(true)
          }
        },
      ),
    )
  })

  it('reports fewer than 2 % of valid tags as invalidated after 100,000 other invalidations', () => {
    const sketch = new TagSketch(12345, 2 ** 20)
    for (let i = 0; i < 100_000; i++) sketch.invalidate([`acme:Bid:${i}`], i + 1)
    let wrong = 0
    for (let i = 0; i < 10_000; i++) if (!sketch.isClean(sketch.slots([`acme:Call:${i}`]), 0)) wrong++
    expect(wrong).toBeLessThan(200)
    expect(wrong).toBeGreaterThan(0)
  })
})

describe('the complete list of tags of a value', () => {
  it('contains a tag of the type and a tag of the tenant for each row tag, however many row tags there are', () => {
    const tag = fc.tuple(tenant, fc.constantFrom('Campaign', 'Domain', 'Bid'), fc.nat()).map((parts) => parts.join(':'))
    fc.assert(
      fc.property(fc.array(tag, { maxLength: 600 }), (tags) => {
        const complete = new Set(completeTags(tags))
        for (const fine of tags) {
          const [name, type] = fine.split(':')
          expect(complete.has(name as string)).toBe(true)
          expect(complete.has(`${name}:${type}*`)).toBe(true)
          expect(complete.has(fine) || complete.has(`${name}:${type}~`)).toBe(true)
        }
      }),
    )
  })
})

describe('a consistency token', () => {
  const sealer = (...secrets: string[]) => new TokenSealer(secrets, Math.random)

  it('with the latest log position is used if a request has several valid tokens of one epoch, whatever their order', () => {
    const need = fc.oneof(fc.constant('barrier' as const), fc.record({ clock: fc.nat(9), epoch: fc.constantFrom('a', 'b') }))
    fc.assert(
      fc.property(fc.array(need, { minLength: 1, maxLength: 6 }), (needs) => {
        const tokens = needs.map((each) => sealer('secret').seal(each)).flatMap((token) => [token, 'made-up'])
        const epochs = new Set(needs.map((each) => (each === 'barrier' ? 'barrier' : each.epoch)))
        const clocks = needs.map((each) => (each === 'barrier' ? 0 : each.clock))
        const [epoch = ''] = epochs
        const expected = epochs.size > 1 || epoch === 'barrier' ? 'barrier' : { clock: Math.max(...clocks), epoch }
        expect(sealer('secret').openAll(tokens.slice(0, 8).join(','))).toEqual(tokens.length <= 8 ? expected : expect.anything())
      }),
    )
    expect(sealer('secret').openAll('made,up')).toBeUndefined()
  })

  it('is different each time it is sealed, so that it reveals nothing about other writes', () => {
    const tokens = Array.from({ length: 100 }, () => sealer('secret').seal({ clock: 7, epoch: 'a' }))
    expect(new Set(tokens).size).toBe(100)
  })

  it('can be opened only with one of the configured secrets, and then contains the sealed log position', () => {
    fc.assert(
      fc.property(fc.nat(), fc.string({ maxLength: 60 }), (clock, epoch) => {
        const token = sealer('secret').seal({ clock, epoch })
        expect(sealer('newer', 'secret').openAll(token)).toEqual({ clock, epoch })
        expect(sealer('another').openAll(token)).toBeUndefined()
      }),
    )
  })

  it('is rejected if it is forged', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.base64String()), (text) => {
        expect(sealer('secret').openAll(text)).toBeUndefined()
      }),
    )
  })
})

describe('the semaphore that limits concurrent loads', () => {
  const wanted = () => true

  it('drops a waiting load that no reader waits for any more', async () => {
    const semaphore = new LoadSemaphore(1)
    let release: () => void = () => undefined
    const first = semaphore.run('busy', wanted, () => new Promise<void>((resolve) => (release = resolve)))
    const ran: string[] = []
    const work = (name: string) => async () => void ran.push(name)
    const shed = semaphore.run('busy', () => false, work('shed'))
    const next = semaphore.run('busy', wanted, work('next'))
    release()
    expect(await Promise.all([first, shed, next])).toEqual([true, false, true])
    expect(ran).toEqual(['next'])
  })

  it('lets waiting tenants take turns', async () => {
    const semaphore = new LoadSemaphore(1)
    const order: string[] = []
    let release: () => void = () => undefined
    const first = semaphore.run('busy', wanted, () => new Promise<void>((resolve) => (release = resolve)))
    const waiting = [...Array.from({ length: 5 }, () => 'busy'), 'quiet'].map((name) =>
      semaphore.run(name, wanted, async () => {
        order.push(name)
      }),
    )
    release()
    await Promise.all([first, ...waiting])
    expect(order.indexOf('quiet')).toBe(1)
    expect(order).toHaveLength(6)
  })

  it('never runs more loads than its limit, and frees the slot of a failed load', async () => {
    const semaphore = new LoadSemaphore(3)
    let running = 0
    let most = 0
    const work = async (fails: boolean) => {
      most = Math.max(most, ++running)
      await Promise.resolve()
      running--
      if (fails) throw new Error('failed')
    }
    await Promise.allSettled(Array.from({ length: 50 }, (_, i) => semaphore.run(`t${i % 4}`, wanted, () => work(i % 3 === 0))))
    expect(most).toBe(3)
    expect(running).toBe(0)
  })
})

function deepEqual(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null || Array.isArray(a) !== Array.isArray(b)) return false
  const names = Object.keys(a)
  return (
    names.length === Object.keys(b).length &&
    names.every((name) => name in b && deepEqual((a as Record<string, unknown>)[name], (b as Record<string, unknown>)[name]))
  )
}
