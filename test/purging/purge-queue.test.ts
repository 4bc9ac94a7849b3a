import { describe, expect, it } from 'vitest'
import { EVERYTHING_KEY } from '#src/gateway/responses/surrogate-keys.ts'
import { MAX_POSTPONED_MS, PurgeQueue, type QueuedPurge } from '#src/operations/purging/purge-queue.ts'
import fc from '../property.ts'

const DELAY_MS = 2000
const MAX_KEYS = 30
const STEP_MS = 10

/** Rows with a number of keys, and the time before each of them, ms. */
const rows = fc.array(fc.tuple(fc.integer({ min: 0, max: 12 }), fc.integer({ min: 0, max: 300 })), { minLength: 1, maxLength: 120 })

/** Broken: rows that do not fit wait together until the newest of them is due. */
class PostponingQueue extends PurgeQueue {
  override add(purge: QueuedPurge, now: number): void {
    const all = this.due(Number.POSITIVE_INFINITY)
    if (all && all.keys.size + purge.keys.size > MAX_KEYS) {
      this.clear()
      super.add({ ...purge, keys: new Set([EVERYTHING_KEY]) }, now)
    } else super.add(purge, now)
  }
}

/** Adds the rows at their times and purges what is due. Returns what is wrong. */
function faultsOf(queue: PurgeQueue, script: readonly (readonly [number, number])[]): readonly string[] {
  const faults: string[] = []
  let [now, seq] = [0, 0]
  let waiting: QueuedPurge[] = []
  const runUntil = (end: number) => {
    for (; now < end; now += STEP_MS) {
      const due = queue.due(now)
      if (due) {
        for (const { position, keys, dueAt } of waiting.filter((row) => row.position.seq <= due.position.seq && row.keys.size > 0)) {
          if (now < dueAt) faults.push(`row ${position.seq} was purged too early`)
          if (now > dueAt + MAX_POSTPONED_MS + STEP_MS) faults.push(`row ${position.seq} was purged ${now - dueAt} ms late`)
          if (!due.keys.has(EVERYTHING_KEY) && !keys.isSubsetOf(due.keys)) faults.push(`a key of row ${position.seq} was not purged`)
        }
        if (due.keys.size > MAX_KEYS) faults.push(`${due.keys.size} keys were purged at once`)
        waiting = waiting.filter((row) => row.position.seq > due.position.seq)
        queue.settled(due.position)
      }
    }
  }
  for (const [count, gapMs] of script) {
    runUntil(now + gapMs)
    seq++
    const keys = new Set(Array.from({ length: count }, (_, index) => `${seq}-${index}`))
    const purge = { position: { epoch: 'e', seq, at: now }, keys, dueAt: now + DELAY_MS }
    waiting.push(purge)
    queue.add(purge, now)
  }
  runUntil(now + DELAY_MS + 1000)
  if (waiting.length > 0) faults.push(`${waiting.length} rows were not purged`)
  return faults
}

describe('the rows that wait for another purge of an edge', () => {
  it('are purged when they are due or a quarter of a second later, with all their keys or everything, however many there are', () => {
    fc.assert(
      fc.property(rows, (script) => {
        expect(faultsOf(new PurgeQueue(MAX_KEYS), script)).toEqual([])
      }),
    )
  })

  it('are checked by a test that notices a queue in which sustained writes postpone the last purge', () => {
    const sustained = Array.from({ length: 100 }, () => [10, 100] as const)
    expect(faultsOf(new PurgeQueue(MAX_KEYS), sustained)).toEqual([])
    expect(faultsOf(new PostponingQueue(MAX_KEYS), sustained)).not.toEqual([])
  })

  it('are few while the edge cannot be purged for hours', () => {
    const queue = new PurgeQueue(1)
    for (let seq = 1; seq <= 3000; seq++)
      queue.add({ position: { epoch: 'e', seq, at: 0 }, keys: new Set(['a', 'b']), dueAt: seq * 1000 + DELAY_MS }, seq * 1000)
    // The times at which something is due tell the rows apart that wait.
    let count = 0
    for (let now = 0; now <= 3_000_000 + DELAY_MS; now += MAX_POSTPONED_MS) {
      const due = queue.due(now)
      if (!due) continue
      queue.settled(due.position)
      count++
    }
    expect(count).toBeLessThanOrEqual(4)
  })
})
