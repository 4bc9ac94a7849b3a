import { expect, it } from 'vitest'
import type { LogRow } from '#src/engine/cache/index.ts'
import { RecentInvalidations } from '#src/engine/cache/log/recent-invalidations.ts'
import { CuttableLog, openInstance, Source, write } from './instance.ts'

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
