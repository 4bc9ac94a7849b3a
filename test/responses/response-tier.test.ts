import { describe, expect, it } from 'vitest'
import { Cache } from '#src/engine/cache/cache.ts'
import { MemoryLog } from '#src/engine/cache/log/memory-log.ts'
import { rowTag } from '#src/engine/cache/model/entity.ts'
import { cacheKey } from '#src/engine/cache/model/key.ts'
import type { CachePolicy } from '#src/engine/cache/model/policy.ts'
import { ResponseTier, SourceUnavailableError, Unstored } from '#src/gateway/responses/response-tier.ts'
import { hitHeaders, storedResponse } from '#src/gateway/responses/stored-response.ts'
import { MapTier, Thing } from '../cache/instance.ts'
import { ManualEnv } from '../cache/manual-env.ts'

const loadPast = async () => ({ value: undefined })
const NO_PARTS = { tags: [], until: Number.POSITIVE_INFINITY }

const POLICY: CachePolicy = {
  name: 'Response',
  composed: true,
  l1Ms: 10_000,
  l2Ms: 60_000,
  staleWhileRevalidateMs: 30_000,
  staleIfErrorMs: 300_000,
}
const TAG = rowTag(Thing, 'acme', 1)

async function start(options: { remote?: MapTier; log?: MemoryLog; env?: ManualEnv } = {}) {
  const { env = new ManualEnv(), log = new MemoryLog() } = options
  const cache = new Cache({ log, entities: [Thing], secrets: ['a secret for tests only'], env, ...(options.remote ? options : {}) })
  await cache.start()
  const tier = new ResponseTier(cache)
  const operation = { request: { key: cacheKey('acme', 'response', ['an operation']), tags: ['acme'] }, policy: POLICY }
  let executions = 0
  let fails = false
  const execute = async () => {
    executions++
    if (fails) throw new SourceUnavailableError(new Unstored(`failure ${executions}`, true, NO_PARTS))
    const head = { madeAt: env.now(), lifeMs: 60_000, headers: ['cache-control', 'private, no-cache'] }
    return { value: storedResponse(head, `answer ${executions}`), tags: [TAG], ttlMs: 60_000 }
  }
  return {
    env,
    cache,
    log,
    tier,
    operation,
    executions: () => executions,
    fail: (does: boolean) => {
      fails = does
    },
    peek: () => {
      const stored = tier.peek(operation, cache.openSession())?.response
      return stored && Buffer.from(stored.bytes).toString()
    },
    async ask(refresh = false) {
      const { answer, layer, reason } = await tier.answer(
        operation,
        { session: cache.openSession(), refresh, signal: undefined, loadPast },
        execute,
      )
      return { layer, reason, text: answer instanceof Unstored ? answer.result : Buffer.from(answer.bytes).toString() }
    },
  }
}

describe('a response in the response cache', () => {
  it('is computed once for all concurrent requests, and is then served from memory', async () => {
    const { ask, peek, executions } = await start()
    expect(peek()).toBeUndefined()
    const answers = await Promise.all(Array.from({ length: 500 }, () => ask()))
    expect(new Set(answers.map(({ text }) => text))).toEqual(new Set(['answer 1']))
    expect(answers.filter(({ layer }) => layer === 'origin')).toHaveLength(1)
    expect(executions()).toBe(1)
    expect(peek()).toBe('answer 1')
  })

  it('counts as made of cached values for requests that share its execution, if all of its values were cached', async () => {
    const { tier, operation, cache, env } = await start()
    const answersOf = (fromCopies: boolean) => {
      const execute = async () => {
        const value = storedResponse({ madeAt: env.now(), lifeMs: 60_000, headers: [] }, 'answer')
        return { value, tags: [TAG], ttlMs: 60_000, fromCopies }
      }
      const ask = () => tier.answer(operation, { session: cache.openSession(), refresh: true, signal: undefined, loadPast }, execute)
      return Promise.all([ask(), ask()])
    }
    expect((await answersOf(true)).map(({ layer, fromCopies }) => [layer, fromCopies])).toEqual([
      ['origin', false],
      ['coalesced', true],
    ])
    expect((await answersOf(false)).map(({ layer, fromCopies }) => [layer, fromCopies])).toEqual([
      ['origin', false],
      ['coalesced', false],
    ])
  })

  it('is invalidated by any tag of its parts, on all instances', async () => {
    const log = new MemoryLog()
    const remote = new MapTier()
    const one = await start({ log, remote })
    const other = await start({ log, remote, env: one.env })
    await one.ask()
    await one.ask()
    expect(await other.ask()).toMatchObject({ layer: 'l2', text: 'answer 1' })
    await one.cache.invalidate([TAG])
    expect(one.peek()).toBeUndefined()
    await other.env.advance(200)
    expect(other.peek()).toBeUndefined()
    expect(await other.ask()).toMatchObject({ layer: 'origin', text: 'answer 1' })
    expect(other.executions()).toBe(1)
  })

  it('is read from the shared tier byte for byte, with its metadata', async () => {
    const log = new MemoryLog()
    const remote = new MapTier()
    const one = await start({ log, remote })
    const other = await start({ log, remote, env: one.env })
    await one.ask()
    await one.ask()
    await one.env.advance(5000)
    await other.ask()
    const stored = other.tier.peek(other.operation, other.cache.openSession())?.response
    expect(Buffer.from(stored?.bytes ?? []).toString()).toBe('answer 1')
    expect(stored && hitHeaders(stored, other.env.now(), 'L2')).toEqual([
      ...['cache-control', 'private, no-cache', 'age', '5', 'cache-status', 'tidegate; hit; ttl=55', 'x-cache', 'HIT'],
      ...['x-cache-level', 'L2'],
    ])
  })

  it('is served after its TTL while it is reloaded in the background', async () => {
    const { ask, env, executions } = await start()
    await ask()
    await env.advance(10_500)
    expect(await ask()).toMatchObject({ layer: 'l1', reason: 'revalidating', text: 'answer 1' })
    await env.advance(1)
    expect(executions()).toBe(2)
    expect(await ask()).toMatchObject({ layer: 'l1', text: 'answer 2' })
  })

  it('is served after its TTL, marked as stale, if a reload of the response fails', async () => {
    const { ask, env, fail } = await start()
    await ask()
    await env.advance(50_000)
    fail(true)
    expect(await ask()).toMatchObject({ layer: 'stale', text: 'answer 1', reason: 'the source failed' })
    await env.advance(400_000)
    expect(await ask()).toMatchObject({ layer: 'origin', text: 'failure 3' })
  })

  it('is never served stale after an invalidation', async () => {
    const { ask, cache, fail } = await start()
    await ask()
    await cache.invalidate([TAG])
    fail(true)
    expect(await ask()).toMatchObject({ text: 'failure 2' })
  })

  it('is reloaded if a request demands that, and is then stored for other callers', async () => {
    const { ask, peek } = await start()
    await ask()
    expect(await ask(true)).toMatchObject({ layer: 'origin', text: 'answer 2' })
    expect(peek()).toBe('answer 2')
  })
})

describe('a result that must not be stored', () => {
  it('is shared by concurrent callers if the policy allows that, and is then dropped', async () => {
    const { tier, operation, cache, peek } = await start()
    let executions = 0
    const ask = (isShareable: boolean) =>
      tier.answer(
        operation,
        { session: cache.openSession(), refresh: false, signal: undefined, loadPast },
        async () => new Unstored(++executions, isShareable, NO_PARTS),
      )
    const shared = await Promise.all([ask(true), ask(true), ask(true)])
    expect(shared.map(({ answer }) => answer instanceof Unstored && answer.result)).toEqual([1, 1, 1])
    const apart = await Promise.all([ask(false), ask(false), ask(false)])
    expect(apart.map(({ answer }) => answer instanceof Unstored && answer.result).sort()).toEqual([2, 3, 4])
    expect(peek()).toBeUndefined()
  })
})
