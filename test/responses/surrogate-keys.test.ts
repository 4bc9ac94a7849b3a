import { describe, expect, it } from 'vitest'
import { isFreeTagName, MANAGEMENT_TAG } from '#src/engine/cache/model/entity.ts'
import { completeTags } from '#src/engine/cache/model/tags.ts'
import { EVERYTHING_KEY, havePurgedKeys, purgedKeys, surrogateKeys } from '#src/gateway/responses/surrogate-keys.ts'
import fc from '../property.ts'

const names = fc.constantFrom('Word', 'Vertical', 'LiveDomain')
const fineTag = fc.oneof(
  fc.tuple(names, fc.string({ unit: 'binary', minLength: 1 })).map(([name, id]) => `public:${name}:${id}`),
  names.map((name) => `public:${name}[]`),
  fc.tuple(names, fc.string({ unit: 'binary' })).map(([name, value]) => `public:${name}[]:kind=${value}`),
  names.map((name) => `public:${name}~`),
)
const tag = fc.oneof(
  { arbitrary: fineTag, weight: 5 },
  fc.constantFrom('public', 'public:#prices', 'public:Word*', 'public:Word:[1]', 'public:response@x:["q"]'),
)

/** Returns whether a purge of the invalidated tags reaches a response with the tags. */
function isReached(of: readonly string[], invalidated: readonly string[], purged = purgedKeys): boolean {
  const keys = new Set(surrogateKeys(of))
  return [...purged(invalidated)].some((key) => keys.has(key))
}

describe('the surrogate keys of a public response', () => {
  it('do not exist for the tag of the management, which no response has, so that its changes call no CDN', () => {
    expect(purgedKeys([MANAGEMENT_TAG, 'acme:Word:call'])).toEqual(new Set())
    expect(havePurgedKeys([MANAGEMENT_TAG, 'acme:Word:call'])).toBe(false)
    expect(purgedKeys([MANAGEMENT_TAG, 'public:#prices'])).toEqual(new Set(['tag-prices']))
    expect(isFreeTagName('management')).toBe(false)
    expect(isFreeTagName('management-fees')).toBe(true)
  })

  it('are readable for everything, a type and a free tag, which come first, and short hashes for rows and lists', () => {
    const tags = [
      'public:Word:call',
      'public:Word[]',
      'public:Word*',
      'public',
      'public:#prices',
      'public:Vertical:7',
      'public:Word[]:kind=a b',
    ]
    const keys = surrogateKeys(tags)
    expect(keys?.slice(0, 4).toSorted()).toEqual(['Vertical', 'Word', 'public', 'tag-prices'])
    expect(keys).toHaveLength(8)
    for (const key of keys?.slice(4) ?? []) expect(key).toMatch(/^0[0-9a-f]{10}$/)
  })

  it('contain the key of every tag that can invalidate the response', () => {
    fc.assert(
      fc.property(fc.array(tag, { minLength: 1, maxLength: 60 }), (tags) => {
        for (const invalidated of [...completeTags(tags), '*', 'public']) expect(isReached(tags, [invalidated]), invalidated).toBe(true)
      }),
    )
  })

  it('are replaced by a key for each type if they are too long for a header, and an invalidated row still reaches the response', () => {
    fc.assert(
      fc.property(fc.integer({ min: 90, max: 600 }), fc.nat(), (count, chosen) => {
        const tags = ['public:#prices', 'public:Vertical[]', ...Array.from({ length: count }, (_, id) => `public:Word:${id}`)]
        expect(surrogateKeys(tags)?.length).toBeLessThan(10)
        for (const invalidated of [`public:Word:${chosen % count}`, 'public:Vertical[]', 'public:#prices', 'public:Word*', '*'])
          expect(isReached(tags, [invalidated])).toBe(true)
      }),
      { numRuns: 10 },
    )
  })

  it('are not longer than 1 KB, whatever the tags are', () => {
    fc.assert(
      fc.property(fc.array(tag, { maxLength: 400 }), (tags) => {
        expect((surrogateKeys(tags)?.join(' ') ?? '').length).toBeLessThanOrEqual(1024)
      }),
      { numRuns: 50 },
    )
  })

  it('do not exist if not even the coarse keys fit, so that no response is stored that a purge would not reach', () => {
    expect(surrogateKeys(Array.from({ length: 300 }, (_, id) => `public:#free-tag-${id}`))).toBeUndefined()
  })

  it('do not exist if a tag belongs to a tenant, so that no data of a tenant is stored outside the gateway', () => {
    expect(surrogateKeys(['public:Word:call', 'acme:Word:call'])).toBeUndefined()
    expect(surrogateKeys(['publicity:Word:call'])).toBeUndefined()
  })

  it('miss an invalidation if a purge loses one tag, so the property above notices a lost tag', () => {
    const losing: typeof purgedKeys = (tags) => purgedKeys(tags.slice(1))
    expect(isReached(['public:Word:call'], ['public:Word:call'])).toBe(true)
    expect(isReached(['public:Word:call'], ['public:Word:call'], losing)).toBe(false)
  })
})

it('No surrogate key contains a character that headers must not contain, whatever the id of the row is.', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (id) => {
      for (const key of surrogateKeys([`public:Word:${id}`]) ?? []) expect(key).toMatch(/^[A-Za-z0-9-]+$/)
    }),
  )
})

describe('the keys of an invalidation', () => {
  it('leave out the tags of tenants, whose data no edge stores', () => {
    expect([...purgedKeys(['acme', 'acme:Campaign:42', 'acme:Campaign*'])]).toEqual([])
  })

  it('are the key of everything for an invalidation of everything, and for very many tags', () => {
    expect([...purgedKeys(['public:Word:call', '*'])]).toEqual([EVERYTHING_KEY])
    expect([...purgedKeys(Array.from({ length: 10_000 }, (_, id) => `public:Word:${id}`))]).toEqual([EVERYTHING_KEY])
  })

  it('are the same in upper and lower case, because some CDNs ignore the case', () => {
    for (const key of purgedKeys(['public:Word:call'])) expect(key).toBe(key.toLowerCase())
  })
})
