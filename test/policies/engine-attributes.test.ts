import { describe, expect, it } from 'vitest'
import { rawRequestOf } from '#src/gateway/http/raw-request.ts'
import type { PolicyOverrides } from '#src/gateway/policies/policy-registry.ts'
import { ManualEnv, settled } from '../cache/manual-env.ts'
import { atHand } from '../graphql/at-hand.ts'
import { at, startTinyGateway, viewer } from '../graphql/tiny-gateway.ts'
import { type Note, TINY_SDL, TinyStore } from '../graphql/tiny-module.ts'
import { Gate } from './gate.ts'

const asker = { viewer: viewer('t1') }
const NOTE = '{ note(id: "1") { text } }'
const text = ({ data }: { readonly data: unknown }) => at(data, 'note', 'text')
const noteOf = (value: string): Note => ({ id: 1, tenantId: 't1', folder: 'in', text: value })

/** Starts a gateway whose type Note has the given attributes, set in the schema or in the configuration. */
async function start(attributes: Readonly<Record<string, number>>, where: 'schema' | 'configuration' = 'schema') {
  const env = new ManualEnv()
  const store = new TinyStore()
  const gate = new Gate()
  const given = Object.entries(attributes).map(([name, value]) => `${name}: ${value}`)
  const sdl = TINY_SDL.replace('@cache(l1: 60, l2: 900, staleIfError: 300)', `@cache(${given.join(', ')})`)
    // The maxAge of an interface must not exceed the TTLs of its possible types.
    .replace('@cacheControl(maxAge: 60, scope: PRIVATE)', '@cacheControl(maxAge: 1, scope: PRIVATE)')
  const written = { Note: attributes } satisfies PolicyOverrides
  const gateway = await startTinyGateway({
    store,
    env,
    adapt: (module) => gate.adapt(module),
    ...(where === 'schema' ? { sdl } : { overrides: written }),
  })
  return { env, store, gate, gateway }
}

describe.each(['schema', 'configuration'] as const)('a cache policy attribute that is set in the %s', (where) => {
  it('can be `negative`, the TTL for the absence of a row, which does not shorten the TTL of an existing row', async () => {
    const { env, store, gateway } = await start({ l1: 60, l2: 900, negative: 5 }, where)
    await using _ = gateway
    expect((await gateway.ask(NOTE, asker)).data).toEqual({ note: null })
    await env.advance(4000)
    expect((await gateway.ask(NOTE, asker)).headers.get('x-cache')).toBe('HIT')
    store.notes.push(noteOf('made where no log sees it'))
    await env.advance(1100)
    expect(text(await gateway.ask(NOTE, asker))).toBe('made where no log sees it')
    await env.advance(6000)
    expect((await gateway.ask(NOTE, asker)).headers.get('x-cache')).toBe('HIT')
  })

  it('can be `softTimeout`, after which the reader of a slow load gets a stale copy while the load continues', async () => {
    const { env, store, gate, gateway } = await start({ l1: 1, l2: 1, staleIfError: 300, softTimeout: 50 }, where)
    await using _ = gateway
    store.notes.push(noteOf('one'))
    await gateway.ask(NOTE, asker)
    await env.advance(2000)
    store.notes.splice(0, 1, noteOf('two'))
    gate.hold()
    const asked = gateway.ask(NOTE, asker)
    await settled()
    await env.advance(51)
    const stale = await asked
    expect(text(stale)).toBe('one')
    expect(stale.extensions).toMatchObject({ stale: { reason: 'the source is slow' } })
    expect(stale.headers.get('cache-control')).toBe('no-store')
    gate.release()
    await settled()
    const next = await gateway.ask(NOTE, asker)
    expect(text(next)).toBe('two')
    expect(next.extensions).toEqual({})
    expect(store.loadsOf('Note')).toBe(2)
  })

  it('can be `hardTimeout`, after which a slow load is aborted and its reader gets UNAVAILABLE', async () => {
    const { env, store, gate, gateway } = await start({ l1: 60, l2: 900, hardTimeout: 300 }, where)
    await using _ = gateway
    store.notes.push(noteOf('one'))
    gate.hold()
    const asked = gateway.ask(NOTE, asker)
    await settled()
    await env.advance(301)
    expect((await asked).errors).toMatchObject([{ path: ['note'], extensions: { code: 'UNAVAILABLE' } }])
    gate.release()
    expect(text(await gateway.ask(NOTE, asker))).toBe('one')
  })

  it('can be `earlyRefresh`: a value with a slow load is reloaded before its expiry, and readers get the cached value', async () => {
    const { env, store, gate, gateway } = await start({ l1: 10, l2: 10, earlyRefresh: 1 }, where)
    await using _ = gateway
    store.notes.push(noteOf('one'))
    gate.hold()
    const first = gateway.ask(NOTE, asker)
    await settled()
    await env.advance(900)
    gate.release()
    await first
    await env.advance(7000)
    const body = JSON.stringify({ query: NOTE })
    const raw = rawRequestOf('POST', { accept: '', contentType: 'application/json', preflighted: false }, asker.viewer, body)
    const request = { method: 'POST', headers: { 'content-type': 'application/json' }, search: '', body: Buffer.from(body), raw }
    for (let ms = 0; ms < 1000 && store.loadsOf('Note') < 2; ms += 10) {
      // An identical request was answered before, but this request must still go through the cache, because only the
      // cache starts the early refresh.
      const { headers } = await gateway.endpoint.execute({ ...request, viewer: asker.viewer, requestId: 'r', debug: false })
      expect(headers.get('x-cache')).toBe('HIT')
      expect(atHand(gateway.endpoint, raw)).toBeUndefined()
      await env.advance(10)
    }
    expect(store.loadsOf('Note')).toBe(2)
  })
})

it('A policy attribute outside of its range causes an error at start that states the unit.', async () => {
  const refused = (attributes: Readonly<Record<string, number>>) => expect(start(attributes, 'configuration')).rejects
  await refused({ hardTimeout: 0 }).toThrow(
    'CACHE_POLICIES: Note: @cache(hardTimeout:) must be an integer of milliseconds from 1 to 600000, got 0.',
  )
  await refused({ softTimeout: 1.5 }).toThrow('@cache(softTimeout:) must be an integer of milliseconds')
  await refused({ earlyRefresh: -0.5 }).toThrow('@cache(earlyRefresh:) must be a number from 0 to 100, got -0.5.')
  await refused({ negative: 2_592_001 }).toThrow('@cache(negative:) must be an integer of seconds from 0 to 2592000')
})
