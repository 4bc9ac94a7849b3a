import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { InvalidationLog, LogRow } from '#src/engine/cache/index.ts'

export interface OpenedLog {
  readonly log: InvalidationLog
  close(): Promise<void>
}

const DEADLINE_MS = 10_000

/** Tests what the cache engine requires of every invalidation log. */
export function describeInvalidationLog(name: string, open: () => Promise<OpenedLog>, { ownClock = false } = {}): void {
  describe(`an invalidation log: ${name}`, () => {
    let opened: OpenedLog
    let log: InvalidationLog

    beforeAll(async () => {
      opened = await open()
      log = opened.log
    }, 60_000)
    afterAll(() => opened?.close())

    const newest = async (): Promise<LogRow> => {
      const rows = await log.sync(null, 1, DEADLINE_MS)
      return rows.at(-1) as LogRow
    }

    it('is never empty, and its newest row contains the epoch (the identity of the log)', async () => {
      const row = await newest()
      expect(row.seq).toBeGreaterThan(0)
      expect(row.epoch).not.toBe('')
    })

    it('returns the last row that the reader knows and all later rows, with contiguous numbers', async () => {
      const { seq, epoch } = await newest()
      for (const tag of ['acme:Thing:1', 'acme:Thing:2']) {
        await log.append([tag], 'operator Ada: test')
        await log.sync(seq, 1000, DEADLINE_MS)
      }
      const rows = await log.sync(seq, 1000, DEADLINE_MS)
      expect(rows.map((row) => row.seq)).toEqual([seq, seq + 1, seq + 2])
      expect(rows.every((row) => row.epoch === epoch)).toBe(true)
      expect(rows.slice(1).map(({ tags }) => tags)).toEqual([['acme:Thing:1'], ['acme:Thing:2']])
    })

    it('reports the current time of its own clock at each sync, if the log has a clock of its own', async () => {
      const { seq } = await newest()
      const told: number[] = []
      await log.sync(seq, 1000, DEADLINE_MS, (now) => told.push(now))
      await log.sync(null, 1000, DEADLINE_MS, (now) => told.push(now))
      expect(told).toEqual([...told].sort((a, b) => a - b))
      expect(told).toHaveLength(ownClock ? 2 : 0)
      // The reported time must be in ms and in UTC. A tolerance of half an hour still detects a wrong unit and a wrong time zone.
      for (const now of told) expect(Math.abs(now - Date.now())).toBeLessThan(1_800_000)
    })

    it('returns only the last row that the reader knows if no row was appended after that row', async () => {
      const known = await newest()
      expect(await log.sync(known.seq, 1000, DEADLINE_MS)).toEqual([known])
    })

    it('returns no more rows than the limit, beginning with the last row that the reader knows', async () => {
      const { seq } = await newest()
      for (let i = 0; i < 3; i++) {
        await log.append([`acme:Thing:${i}`], 'operator Ada: test')
        await log.sync(seq, 1, DEADLINE_MS)
      }
      expect((await log.sync(seq, 2, DEADLINE_MS)).map((row) => row.seq)).toEqual([seq, seq + 1])
      expect((await log.sync(null, 2, DEADLINE_MS)).map((row) => row.seq)).toEqual([seq + 2, seq + 3])
    })

    it('loses no tag under concurrent appends', async () => {
      const { seq } = await newest()
      const tags = Array.from({ length: 50 }, (_, i) => `acme:Thing:${i}`)
      await Promise.all(tags.map((tag) => log.append([tag], 'operator Ada: test')))
      const rows = await log.sync(seq, 1000, DEADLINE_MS)
      expect(new Set(rows.slice(1).flatMap((row) => row.tags))).toEqual(new Set(tags))
    })

    it('starts a new epoch with a row that invalidates everything', async () => {
      const before = await newest()
      await log.bump(DEADLINE_MS)
      const rows = await log.sync(before.seq, 1000, DEADLINE_MS)
      expect(rows[0]).toMatchObject({ seq: before.seq, epoch: before.epoch })
      expect(rows.at(-1)?.epoch).not.toBe(before.epoch)
      expect(rows.slice(1).some((row) => row.tags.includes('*'))).toBe(true)
    })

    it('does not return the last row that the reader knows if that row was trimmed, and never trims the newest row', async () => {
      const { seq } = await newest()
      for (let i = 0; i < 5; i++) {
        await log.append([`acme:Thing:${i}`], 'operator Ada: test')
        await log.sync(seq, 1, DEADLINE_MS)
      }
      await log.trim(1)
      const rows = await log.sync(seq, 1000, DEADLINE_MS)
      expect(rows[0]?.seq).not.toBe(seq)
      expect((await newest()).seq).toBe(seq + 5)
    })
  })
}
