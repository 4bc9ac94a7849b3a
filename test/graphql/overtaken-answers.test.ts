import { describe, expect, it, vi } from 'vitest'
import { batched, type Module } from '#src/gateway/contract/module.ts'
import { startTinyGateway } from './tiny-gateway.ts'

const WORDS = '{ words { nodes { name } } }'
const STORED = /^public, /

/** Starts a gateway whose list of words is not loaded before `release` is called. */
async function startHeld() {
  const { promise: released, resolve: release } = Promise.withResolvers<void>()
  const { promise: loading, resolve: begun } = Promise.withResolvers<void>()
  const held = batched(async (parents: readonly unknown[]) => {
    begun()
    await released
    return parents.map(() => ({ ids: ['call'] }))
  })
  const adapt = (module: Module): Module => ({
    ...module,
    resolvers: { ...module.resolvers, Query: { ...(module.resolvers['Query'] as object), words: held } },
  })
  return { gateway: await startTinyGateway({ adapt }), loading, release }
}

/** Returns the Cache-Control of a response during whose execution the tag was invalidated. */
async function overtakenBy(tag: string, query = WORDS, isBroken = false): Promise<string | undefined> {
  const { gateway, loading, release } = await startHeld()
  await using _ = gateway
  if (isBroken) vi.spyOn(gateway.cache, 'observeInvalidations').mockReturnValue(() => true)
  const answering = gateway.ask(query)
  await loading
  await gateway.cache.invalidate([tag])
  release()
  return (await answering).headers.get('cache-control')
}

describe('a public response', () => {
  it.each([
    'public:Word[]',
    'public:Word*',
    '*',
  ])('is stored by no CDN if %s was invalidated while it was executed, because the purge has passed before the response arrives there', async (tag) => {
    expect(await overtakenBy(tag)).toBe('no-store')
  })

  it('is stored by CDNs if only something else was invalidated while it was executed', async () => {
    expect(await overtakenBy('public:Word:other')).toMatch(STORED)
  })

  it('would be stored with the old values if the gateway did not compare, and the tests above notice', async () => {
    expect(await overtakenBy('public:Word[]', WORDS, true)).toMatch(STORED)
  })
})
