import { describe, expect, it } from 'vitest'
import type { Invalidation, WriteCost } from '#src/operations/admin/contract.ts'
import {
  costOfOne,
  costSentence,
  costsByCause,
  costsOf,
  mainFieldOf,
  topTags,
  UNKNOWN_CAUSE,
} from '../../web/src/views/invalidations/costs.ts'
import { EMPTY_TAIL, MAX_ROWS, withAnswer } from '../../web/src/views/invalidations/follow.ts'

function row(clock: number, part: Partial<Invalidation> = {}): Invalidation {
  const at = new Date(Date.UTC(2026, 10, 27) + clock * 1000).toISOString()
  return { clock, epoch: 'e1', at, causes: [], tables: [], tags: [], tagCount: 0, lagMs: null, ...part }
}

const clocksOf = ({ rows }: { readonly rows: readonly Invalidation[] }) => rows.map(({ clock }) => clock)

describe('the tail of invalidations', () => {
  it('shows new rows first, and asks next for those after the newest one.', () => {
    const first = withAnswer(EMPTY_TAIL, { clock: 3, invalidations: [row(3), row(2)] })
    const next = withAnswer(first, { clock: 5, invalidations: [row(4), row(5)] })
    expect(clocksOf(next)).toEqual([5, 4, 3, 2])
    expect([first.after, next.after]).toEqual([3, 5])
    expect([first.added, next.added]).toEqual([0, 2])
  })

  it('does not skip rows when an answer was full: the next request asks after the last row, not after the position of the log.', () => {
    const tail = withAnswer(withAnswer(EMPTY_TAIL, { clock: 1, invalidations: [row(1)] }), { clock: 900, invalidations: [row(2), row(3)] })
    expect(tail.after).toBe(3)
  })

  it('shows a row once if another process sends it again.', () => {
    const first = withAnswer(EMPTY_TAIL, { clock: 3, invalidations: [row(3)] })
    expect(withAnswer(first, { clock: 4, invalidations: [row(3), row(4)] })).toMatchObject({ added: 1, after: 4 })
  })

  it('reads the log from its start after a restore, and keeps the rows of both histories.', () => {
    const before = withAnswer(EMPTY_TAIL, { clock: 900, invalidations: [row(900)] })
    const restored = withAnswer(before, { clock: 2, invalidations: [] })
    expect(restored.after).toBeUndefined()
    const after = withAnswer(restored, { clock: 2, invalidations: [row(2, { epoch: 'e2', at: '2026-11-28T00:00:00.000Z' })] })
    expect(clocksOf(after)).toEqual([2, 900])
    expect(after.after).toBe(2)
  })

  it('follows the log of a restored database, although the page knows greater positions of the history before.', () => {
    const old = row(900, { epoch: 'e1', at: '2026-11-26T00:00:00.000Z' })
    const tail = withAnswer(EMPTY_TAIL, { clock: 20, invalidations: [row(20, { epoch: 'e2' }), old] })
    expect(tail.after).toBe(20)
    expect(clocksOf(withAnswer(tail, { clock: 21, invalidations: [row(21, { epoch: 'e2' })] }))).toEqual([21, 20, 900])
  })

  it('keeps a bounded number of rows, the newest ones.', () => {
    const many = Array.from({ length: MAX_ROWS + 20 }, (_, index) => row(index + 1))
    const tail = withAnswer(EMPTY_TAIL, { clock: many.length, invalidations: many })
    expect(tail.rows).toHaveLength(MAX_ROWS)
    expect(tail.rows[0]?.clock).toBe(many.length)
  })
})

describe('the cost of writes', () => {
  const rows = [
    row(1, { causes: ['mutation pauseCampaign'], tags: ['acme:Campaign:1', 'acme:Campaign~'], tagCount: 2, lagMs: 40 }),
    row(2, { causes: ['mutation pauseCampaign'], tags: ['acme:Campaign:2', 'acme:Campaign~'], tagCount: 2, lagMs: 90 }),
    row(3, { causes: ['mutation settleCall'], tags: ['acme:Campaign~'], tagCount: 70 }),
    row(4, { tags: ['acme:Buyer:1'], tagCount: 1 }),
  ]

  it('is summed by cause from the log, the one with most tags first; what no row tells stays unknown.', () => {
    const unknown = { known: null, fields: [] }
    expect(costsByCause(rows)).toEqual([
      { cause: 'mutation settleCall', writes: 1, rows: 1, tags: 70, appliedP50Ms: null, appliedMaxMs: null, ...unknown },
      { cause: 'mutation pauseCampaign', writes: 2, rows: 2, tags: 4, appliedP50Ms: 40, appliedMaxMs: 90, ...unknown },
      { cause: UNKNOWN_CAUSE, writes: 1, rows: 1, tags: 1, appliedP50Ms: null, appliedMaxMs: null, ...unknown },
    ])
  })

  it('is told in a sentence: entries, reloads, database time and delay, as far as each is known.', () => {
    const cost: WriteCost = {
      cause: 'mutation pauseCampaign',
      writes: 6,
      rows: 2,
      tags: 4,
      voidedEntries: 1300,
      waitingEntries: 100,
      reloads: 1,
      needlessReloads: 0,
      loadMs: 85,
      answers: 1199,
      appliedP50Ms: 40,
      appliedMaxMs: 90,
      lastAt: null,
      fields: [],
    }
    const sentence = (part: Partial<WriteCost>) => costsOf({ writes: [{ ...cost, ...part }], uncounted: null }).map(costSentence)[0]
    const applied = ' Half of the writes were applied within 40 ms, the slowest within 90 ms.'
    expect(sentence({})).toBe(
      `6 writes with 4 tags voided 1,300 cached entries. 1 reload of fields followed and took 85 ms of database time. From these values 1,199 whole answers were composed again.${applied}`,
    )
    expect(sentence({ reloads: 40, needlessReloads: 3, appliedP50Ms: null })).toMatch(
      /40 reloads of fields followed, 3 of them needless, and took 85 ms of database time\. From these values 1,199 whole answers were composed again\.$/,
    )
    // Reloads of an older version belong to no write: a write without any may have caused them.
    const uncounted = { before: '2026-11-27T19:00:00.000Z', reloads: 120 }
    const known = (part: Partial<WriteCost>) => costsOf({ writes: [{ ...cost, ...part }], uncounted })[0]?.known ?? null
    expect([known({ reloads: 0, answers: 0 }), known({})?.reloads]).toEqual([null, 1])
    expect(sentence({ reloads: 0, voidedEntries: 1 })).toContain('1 cached entry. Nothing was loaded again from the database so far.')
    expect(sentence({ voidedEntries: 0 })).toContain('6 writes with 4 tags voided no cached entry that is known.')
    expect(sentence({ writes: 0, appliedP50Ms: null })).toMatch(/^An earlier write voided/)
    expect(costsByCause(rows).map(costSentence)[1]).toBe(`2 writes with 4 tags.${applied}`)
  })

  it('is shown for one row of the log: exactly if there is one, as the mean of all if there are more, and not if it is not known.', () => {
    const known = { voidedEntries: 5, waitingEntries: 0, reloads: 2, needlessReloads: 0, loadMs: 30, answers: 3 }
    const cost = { cause: 'mutation pauseCampaign', writes: 9, tags: 4, appliedP50Ms: 1, appliedMaxMs: 1, fields: [] }
    expect(costOfOne({ ...cost, rows: 1, known })).toBe('5 entries voided, 2 reloads, 30 ms of database time')
    expect(costOfOne({ ...cost, rows: 2, known })).toBe('2.5 entries voided, 1 reload, 15 ms of database time (mean of 2 rows like it)')
    expect([costOfOne({ ...cost, rows: 0, known }), costOfOne({ ...cost, rows: 3, known: null })]).toEqual([undefined, undefined])
  })

  it('names the field that is voided most often, and the operations that read it.', () => {
    const field = { needlessReloads: 0, answers: 0, loadMs: 30 }
    const fields = [
      { ...field, field: 'Campaign', reloads: 2, operations: [] },
      { ...field, field: 'Campaign.bids', reloads: 40, operations: ['LiveCallBoard', 'CampaignsPage'] },
      { ...field, field: 'Response', reloads: 0, answers: 90, operations: [] },
    ]
    const cost = { cause: 'mutation placeBid', writes: 9, rows: 3, tags: 4, appliedP50Ms: 1, appliedMaxMs: 1, known: null }
    expect(mainFieldOf({ ...cost, fields })).toBe('Campaign.bids 40 (30 ms), read by LiveCallBoard, CampaignsPage')
    expect(mainFieldOf({ ...cost, fields: fields.slice(2) })).toBeUndefined()
  })

  it('is seen in the tags that are invalidated most, each with the write that does it most often.', () => {
    expect(topTags(rows, 2)).toEqual([
      { tag: 'acme:Campaign~', writes: 3, mainCause: 'mutation pauseCampaign' },
      { tag: 'acme:Buyer:1', writes: 1, mainCause: UNKNOWN_CAUSE },
    ])
  })
})
