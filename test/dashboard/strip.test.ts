import { describe, expect, it } from 'vitest'
import type { Stats } from '#src/operations/admin/contract.ts'
import { tilesOf } from '../../web/src/shell/strip-tiles.ts'
import { stats } from '../cli/examples.ts'

function tileOf(title: string, changes: Partial<Stats> = {}) {
  return tilesOf({ ...stats, ...changes }).find((tile) => tile.title === title)
}

function syncTile(nowMs: number | null, worstMs: number | null) {
  return tileOf('Last log sync', { lag: { nowMs, worstMs, boundMs: 1000 } })
}

describe('The strip', () => {
  it('tells the time since the last sync of the log from the time that the slowest write took.', () => {
    expect(syncTile(255, 71)).toMatchObject({ value: '255', unit: 'ms ago', note: 'slowest write 71 ms, bound 1 s', tone: 'plain' })
    expect(syncTile(255, null)).toMatchObject({ note: 'bound 1 s', tone: 'plain' })
    expect(syncTile(null, 71)).toMatchObject({ value: '–', unit: '', note: 'not followed', tone: 'bad' })
  })

  it('warns only if the last sync is late or a write was applied after the bound.', () => {
    expect([syncTile(510, 900)?.tone, syncTile(760, 71)?.tone, syncTile(62, 1100)?.tone, syncTile(1001, 71)?.tone]).toEqual([
      'plain',
      'warn',
      'warn',
      'bad',
    ])
  })

  it('says that the hit rate is one of the last hour, for all tenants and for one.', () => {
    expect(tileOf('Hit rate')?.note).toBe('of 93.7 % reachable, 1 h')
    expect(tileOf('Hit rate', { figures: { ...stats.figures, reachableHitRate: null } })?.note).toBe('of answers, 1 h')
  })
})
