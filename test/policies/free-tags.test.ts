import { describe, expect, it } from 'vitest'
import { completeTags } from '#src/engine/cache/model/tags.ts'
import { MapTier } from '../cache/instance.ts'
import { startTinyGateway, viewer } from '../graphql/tiny-gateway.ts'
import { TINY_SDL, TinyStore } from '../graphql/tiny-module.ts'

const SDL = TINY_SDL.replace('type Note implements Node @cache(l1: 60,', 'type Note implements Node @cache(tags: ["texts"], l1: 60,')
  .replace('soon: Int @cache(l1: 60,', 'soon: Int @cache(tags: ["texts", "times"], l1: 60,')
  .replace('words: WordList! @listSize(assumedSize: 100, sizedFields: ["nodes"]) @cache(', '$&tags: ["dictionary"], ')
const NOTES = '{ notes { nodes { text } } }'

async function start() {
  const store = new TinyStore()
  for (const tenantId of ['t1', 't2']) store.put({ id: 1, tenantId, folder: 'in', text: 'one' })
  store.written = []
  return { store, gateway: await startTinyGateway({ store, sdl: SDL, remote: new MapTier() }) }
}

describe('a free tag, which the schema gives to a type or field,', () => {
  it('invalidates the rows, fields and whole responses of one tenant that have the tag, in both tiers', async () => {
    const { store, gateway } = await start()
    await using other = await startTinyGateway({ store, log: gateway.log, sdl: SDL, remote: new MapTier() })
    await using _ = gateway
    const verdicts = async (one: typeof gateway) => {
      const asked = [
        [NOTES, 't1'],
        ['{ soon }', 't1'],
        ['{ budget }', 't1'],
        [NOTES, 't2'],
      ] as const
      const answers = []
      for (const [query, tenant] of asked) answers.push((await one.ask(query, { viewer: viewer(tenant) })).headers.get('x-cache'))
      return answers
    }
    for (const one of [gateway, other]) {
      await verdicts(one)
      expect(await verdicts(one)).toEqual(['HIT', 'HIT', 'HIT', 'HIT'])
    }
    const loads = store.loadsOf('notes')
    await gateway.cache.invalidate({ tenant: 't1', freeTag: 'texts' })
    expect(await verdicts(gateway)).toEqual(['MISS', 'MISS', 'HIT', 'HIT'])
    await expect.poll(() => other.cache.stats().clock).toBe(gateway.cache.stats().clock)
    expect(await verdicts(other)).toEqual(['MISS', 'MISS', 'HIT', 'HIT'])
    // The list itself does not have the tag.
    expect(store.loadsOf('notes')).toBe(loads)
    await gateway.cache.invalidate({ tenant: 't1', freeTag: 'times' })
    expect(await verdicts(gateway)).toEqual(['HIT', 'MISS', 'HIT', 'HIT'])
  })

  it('is one of the surrogate keys by which outer caches are purged', async () => {
    const { gateway } = await start()
    await using _ = gateway
    const { headers } = await gateway.ask('{ words { nodes { name } } }')
    expect(headers.get('surrogate-key')?.split(' ')).toContain('tag-dictionary')
  })

  it('is kept for an entry even if the entry has so many row tags that one tag of the type replaces the row tags', () => {
    const rows = Array.from({ length: 400 }, (_, id) => `t1:Note:${id}`)
    expect(completeTags(['t1', ...rows, 't1:#texts'])).toEqual(['t1', 't1:Note*', 't1:#texts', 't1:Note~'])
  })

  it('causes an error if it contains invalid characters, both at start and when it is to be invalidated', async () => {
    await expect(startTinyGateway({ sdl: SDL.replace('"times"', '"All times"') })).rejects.toThrow(
      'Query.soon: @cache(tags:) has "All times": expected up to 63 small letters',
    )
    const { gateway } = await start()
    await using _ = gateway
    await expect(gateway.cache.invalidate({ tenant: 't1', freeTag: 'a:b' })).rejects.toThrow('A free tag must match')
  })

  it('changes the namespace of cache keys, so that an entry that was stored without the tag is not read', async () => {
    const { gateway } = await start()
    await using _ = gateway
    await using without = await startTinyGateway()
    const namespace = (one: typeof gateway) => one.endpoint.gateway.rules.get('Note')?.namespace
    expect(namespace(gateway)).not.toBe(namespace(without))
  })
})
