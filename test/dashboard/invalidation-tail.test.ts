import { describe, expect, it } from 'vitest'
import type { Invalidation } from '#src/operations/admin/contract.ts'
import { costsByCause, topTags, UNKNOWN_CAUSE } from '../../web/src/views/invalidations/costs.ts'
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

  it('is summed by cause, the one with most tags first, and a lag that no row tells stays unknown.', () => {
    expect(costsByCause(rows)).toEqual([
      { cause: 'mutation settleCall', writes: 1, tags: 70, worstLagMs: null },
      { cause: 'mutation pauseCampaign', writes: 2, tags: 4, worstLagMs: 90 },
      { cause: UNKNOWN_CAUSE, writes: 1, tags: 1, worstLagMs: null },
    ])
  })

  it('is seen in the tags that are invalidated most, each with the write that does it most often.', () => {
    expect(topTags(rows, 2)).toEqual([
      { tag: 'acme:Campaign~', writes: 3, mainCause: 'mutation pauseCampaign' },
      { tag: 'acme:Buyer:1', writes: 1, mainCause: UNKNOWN_CAUSE },
    ])
  })
})
