import { describe, expect, it } from 'vitest'
import type { InvalidationLog, LogRow } from '../../src/cache/index.ts'
import { type BrokenVariant, simulate } from './simulation.ts'

const SEEDS = 300
const SEEDS_TO_CATCH = 200

describe('the simulation', () => {
  it(`finds no wrong answer in ${SEEDS} seeded runs with crashes, suspensions, outages, failovers and a shared tier that lies`, async () => {
    const served: Record<string, number> = {}
    for (let seed = 1; seed <= SEEDS; seed++) {
      const report = await simulate(seed)
      expect(report.violations, `seed ${seed}`).toEqual([])
      for (const [layer, count] of Object.entries(report.served)) served[layer] = (served[layer] ?? 0) + count
    }
    for (const layer of ['l1', 'l2', 'origin', 'coalesced', 'stale']) expect(served[layer], layer).toBeGreaterThan(100)
  }, 180_000)

  it.each<[string, BrokenVariant]>([
    ['invalidations are sent after COMMIT and may be lost', { lostTags: 0.05 }],
    ['a log that does not continue from what was applied is taken for one that does', { log: withoutLogMatch }],
    ['a new history of the database goes unnoticed', { log: withoutEpochs }],
    ['a look at the log may be answered from before the question', { log: answeringLate }],
  ])(
    'finds wrong answers when %s',
    async (_, variant) => {
      for (let seed = 1; seed <= SEEDS_TO_CATCH; seed++) {
        const { violations } = await simulate(seed, variant)
        if (violations.length > 0) return
      }
      expect.fail(`no wrong answer in ${SEEDS_TO_CATCH} runs`)
    },
    180_000,
  )
})

/** The row that was known is always there. */
function withoutLogMatch(log: InvalidationLog): InvalidationLog {
  let known: LogRow | undefined
  return wrap(log, (from, rows) => {
    const continued =
      from === null || rows[0]?.seq === from ? rows : [{ seq: from, epoch: known?.epoch ?? '', tags: [] }, ...renumber(rows, from)]
    known = continued.at(-1) ?? known
    return continued
  })
}

function withoutEpochs(log: InvalidationLog): InvalidationLog {
  return wrap(log, (_, rows) => rows.map((row) => ({ ...row, epoch: 'always', tags: row.tags.filter((tag) => tag !== '*') })))
}

/** Three answers of four hold no news, as from a standby that lags. */
function answeringLate(log: InvalidationLog): InvalidationLog {
  let asked = 0
  return wrap(log, (from, rows) => (from !== null && ++asked % 4 !== 0 ? rows.slice(0, 1) : rows))
}

function wrap(log: InvalidationLog, change: (from: number | null, rows: readonly LogRow[]) => readonly LogRow[]): InvalidationLog {
  return {
    sync: async (from, limit, deadlineMs) => change(from, await log.sync(from, limit, deadlineMs)),
    append: (tags) => log.append(tags),
    bump: () => log.bump(),
    unwatched: (entities) => log.unwatched(entities),
    trim: (keepRows) => log.trim(keepRows),
    close: () => log.close(),
  }
}

function renumber(rows: readonly LogRow[], from: number): LogRow[] {
  return rows.filter(({ seq }) => seq > from).map((row, index) => ({ ...row, seq: from + 1 + index }))
}
