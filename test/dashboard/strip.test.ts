import { describe, expect, it } from 'vitest'
import type { Stats } from '#src/operations/admin/contract.ts'
import { tilesOf } from '../../web/src/shell/strip-tiles.ts'
import { stats } from '../cli/examples.ts'

function tileOf(title: string, changes: Partial<Stats> = {}) {
  const shown = { ...stats, ...changes }
  return tilesOf({ now: shown, inRange: shown, range: '24 h' }).find((tile) => tile.title === title)
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

  it('names the two rates and their range: answers from cache of all answers, and the field hit rate of what could be reached.', () => {
    expect(tileOf('Answers from cache')).toMatchObject({ value: '93.7', unit: '%', note: 'of all answers, 24 h' })
    expect(tileOf('Field hit rate')).toMatchObject({ value: '91.3', unit: '%', note: 'of 93.7 % reachable, 24 h' })
    const figures = { ...stats.figures, hitRate: null, reachableHitRate: null }
    expect(tileOf('Answers from cache', { tenant: 'acme', figures })?.note).toBe('of answers of acme, 24 h')
    expect(tileOf('Field hit rate', { tenant: 'acme', figures })).toMatchObject({ value: '–', note: 'not counted by tenant' })
    expect(tileOf('Field hit rate', { figures })?.note).toBe('no field was read, 24 h')
  })

  it('takes the state from now, and the rates from the time range of the view.', () => {
    const inRange = { ...stats, answersFromCache: 0.5, requestsPerSecond: 99, instances: { alive: 9, known: 9 } }
    const values = Object.fromEntries(tilesOf({ now: stats, inRange, range: '7 d' }).map(({ title, value }) => [title, value]))
    expect(values).toMatchObject({ 'Answers from cache': '50.0', Requests: '1.4', Instances: '2' })
  })

  it('tells beside the rates of the time range those of now, of the same readers.', () => {
    expect(tileOf('Answers from cache')?.now).toBe('now 90.2 %, last 2 min')
    expect(tileOf('Field hit rate')?.now).toBe('now 87.1 %, last 2 min')
    expect(tileOf('Field hit rate', { tenant: 'acme' })?.now).toBeUndefined()
    const idle = { answersFromCache: null, hitRate: null, reachableHitRate: null }
    expect(tileOf('Answers from cache', { now: idle })?.now).toBe('now –, last 2 min')
  })

  it('says what the comparisons of shadow mode prove, and does not show none as ones that found nothing.', () => {
    const shown = (compared: number, violations: number, maxViolationShare: number | null) =>
      tileOf('Stale reads found', { shadow: { compared, violations, withinBound: 0, undecided: 0, maxViolationShare } })
    expect(shown(0, 0, null)).toMatchObject({ value: '–', unit: '', note: 'none compared yet', tone: 'plain' })
    expect(shown(2, 0, 1)).toMatchObject({ value: '0', unit: 'of 2', note: 'below 100 %, with 95 % confidence', tone: 'good' })
    expect(shown(412, 0, 3 / 412)).toMatchObject({ value: '0', unit: 'of 412', note: 'below 0.73 %, with 95 % confidence', tone: 'good' })
    expect(shown(1e6, 0, 3e-6)).toMatchObject({ unit: 'of 1,000,000', note: 'below 0.00030 %, with 95 % confidence' })
    expect(shown(1234, 2, 6.3 / 1234)).toMatchObject({
      value: '2',
      unit: 'of 1,234',
      note: 'below 0.52 %, with 95 % confidence',
      tone: 'bad',
    })
  })
})
