import { expect, it } from 'vitest'
import { type LogRow, MemoryLog } from '#src/engine/cache/index.ts'
import { RecentInvalidations } from '#src/engine/cache/log/recent-invalidations.ts'
import { Source, startInstance } from './instance.ts'
import { ManualEnv } from './manual-env.ts'

const row = (seq: number, tags: readonly string[] = ['acme:Thing:1']): LogRow => ({
  seq,
  epoch: 'epoch',
  at: seq,
  tags,
  causes: [{ cause: 'mutation write', writes: 1, firstAt: seq, lastAt: seq, tagCount: tags.length }],
})

it('Recent invalidations are found by their log position, and listed newest first.', () => {
  const recent = new RecentInvalidations()
  for (const seq of [5, 6, 7]) recent.add(row(seq), 3)
  expect(recent.find(6)).toMatchObject({ seq: 6, lagMs: 3, causes: [{ cause: 'mutation write' }], tags: ['acme:Thing:1'], tagCount: 1 })
  expect([recent.find(4), recent.find(8)]).toEqual([undefined, undefined])
  expect(recent.all().map(({ seq }) => seq)).toEqual([7, 6, 5])
  recent.clear()
  expect(recent.all()).toEqual([])
})

it('Recent invalidations take bounded memory, however many rows and tags the log has.', () => {
  const recent = new RecentInvalidations()
  for (let seq = 1; seq <= 5000; seq++) recent.add(row(seq), undefined)
  expect(recent.all()).toHaveLength(2000)
  expect(recent.find(5000)?.seq).toBe(5000)
  expect(recent.find(3000)).toBeUndefined()
  const tags = Array.from({ length: 10_000 }, (_, i) => `acme:Thing:${i}`)
  for (let seq = 5001; seq <= 5500; seq++) recent.add(row(seq, tags), undefined)
  expect(recent.all()).toHaveLength(400)
  expect(recent.find(5500)).toMatchObject({ tagCount: 10_000, tags: tags.slice(0, 100) })
})

it('A cache reports each applied row of the log with its causes and its lag, and remembers it.', async () => {
  const env = new ManualEnv()
  const log = new MemoryLog(() => env.now())
  const source = new Source()
  const { cache, events } = await startInstance(source, log, env, { tickMs: 600_000 })
  await log.append(['acme:Thing:1'], 'mutation one')
  await env.advance(40)
  await cache.invalidate(['acme:Thing:2'], 'operator Ada: wrong price')
  const lags = events.flatMap((event) => (event.type === 'invalidated' ? [[event.causes.map(({ cause }) => cause), event.lagMs]] : []))
  expect(lags).toEqual([
    [['mutation one'], 40],
    [['operator Ada: wrong price'], 0],
  ])
  const { clock } = cache.stats()
  expect(cache.recentInvalidations().find(clock)).toMatchObject({ tags: ['acme:Thing:2'], lagMs: 0 })
  expect(cache.recentInvalidations().find(clock - 1)).toMatchObject({ tags: ['acme:Thing:1'], lagMs: 40 })
  await cache.close()
})
