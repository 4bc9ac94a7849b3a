import { describe, expect, it } from 'vitest'
import { differingPaths } from '#src/engine/cache/inspect/differing-paths.ts'
import { judgeDifference, type ServedValue } from '#src/engine/cache/inspect/judge-difference.ts'
import type { Coherence } from '#src/engine/cache/log/coherence.ts'
import { RecentInvalidations } from '#src/engine/cache/log/recent-invalidations.ts'
import { TagSketch } from '#src/engine/cache/log/tag-sketch.ts'

const BOUND_MS = 1000
const NOW = 1_700_000_010_000
const TAG = 'acme:Thing:1'

interface Row {
  readonly seq: number
  readonly at: number
  /** Time of the write. */
  readonly writtenAt?: number
  readonly tags?: readonly string[]
}

function judge(changes: Partial<ServedValue>, rows: readonly Row[], state: { readonly epoch?: string; readonly generation?: number } = {}) {
  const recent = new RecentInvalidations()
  const sketch = new TagSketch(1, 1024)
  for (const { seq, at, writtenAt, tags = [TAG] } of rows) {
    const times = { firstAt: writtenAt ?? at, lastAt: writtenAt ?? at }
    recent.add(
      { seq, at, epoch: 'one', tags, causes: [{ cause: 'mutation write', writes: 1, tagCount: tags.length, ...times }] },
      undefined,
    )
    sketch.invalidate(tags, seq)
  }
  const coherence = { epoch: 'one', generation: 1, recent, sketch, now: () => NOW, ...state } as unknown as Coherence
  const served: ServedValue = {
    value: 1,
    tags: [TAG, 'acme'],
    stamp: 5,
    until: Number.POSITIVE_INFINITY,
    arrivedAt: NOW - 100,
    clock: 5,
    need: undefined,
    epoch: 'one',
    generation: 1,
    ...changes,
  }
  return judgeDifference(served, coherence, BOUND_MS)
}

describe('A value that differs from the database', () => {
  it('is a violation if nothing invalidated it.', () => {
    expect(judge({}, [])).toEqual({ outcome: 'violation', reason: 'not invalidated' })
    expect(judge({}, [{ seq: 6, at: NOW - 50, tags: ['acme:Thing:2'] }])).toEqual({ outcome: 'violation', reason: 'not invalidated' })
    // An invalidation before the stamp is one that the copy should contain.
    expect(judge({}, [{ seq: 5, at: NOW - 50 }])).toEqual({ outcome: 'violation', reason: 'not invalidated' })
  })

  it('is within the bound if the write was committed at most the bound before the reader came, or after.', () => {
    expect(judge({}, [{ seq: 6, at: NOW - 50, writtenAt: NOW - 400 }])).toEqual({ outcome: 'within bound', latenessMs: 300 })
    expect(judge({}, [{ seq: 6, at: NOW - 20, writtenAt: NOW - 30 }])).toEqual({ outcome: 'within bound', latenessMs: 0 })
    expect(judge({}, [{ seq: 6, at: NOW - 20, tags: ['*'] }])).toEqual({ outcome: 'within bound', latenessMs: 0 })
  })

  it('is a violation if the row of the log was written longer before the reader came than the bound and the error of the clock.', () => {
    const late = { seq: 6, at: NOW - 1700, writtenAt: NOW - 1800 }
    expect(judge({}, [late])).toEqual({ outcome: 'violation', reason: 'late', latenessMs: 1700 })
    expect(judge({}, [late, { seq: 7, at: NOW - 10 }])).toMatchObject({ reason: 'late' })
  })

  it('is undecided if only the time of the statement is older than the bound, because its COMMIT may have come later.', () => {
    expect(judge({}, [{ seq: 6, at: NOW - 50, writtenAt: NOW - 9000 }])).toEqual({ outcome: 'undecided' })
  })

  it('is a violation if the process had applied the invalidation, or if the consistency token of the reader covers it.', () => {
    const row = { seq: 6, at: NOW - 110 }
    expect(judge({ clock: 6 }, [row])).toEqual({ outcome: 'violation', reason: 'served void', latenessMs: 10 })
    expect(judge({ need: { epoch: 'one', clock: 6 } }, [row])).toEqual({ outcome: 'violation', reason: 'token', latenessMs: 10 })
    expect(judge({ need: { epoch: 'other', clock: 6 } }, [row])).toMatchObject({ outcome: 'within bound' })
    expect(judge({ need: { epoch: 'one', clock: 5 } }, [row])).toMatchObject({ outcome: 'within bound' })
    expect(judge({ need: 'barrier' }, [row])).toMatchObject({ outcome: 'within bound' })
  })

  it('is within the bound if it changed without a write at a known time, and a violation if that time is long past.', () => {
    expect(judge({ until: NOW - 300 }, [])).toEqual({ outcome: 'within bound', latenessMs: 200 })
    expect(judge({ until: NOW + 300 }, [])).toEqual({ outcome: 'violation', reason: 'not invalidated' })
    expect(judge({ until: NOW - 1300 }, [])).toEqual({ outcome: 'undecided' })
    expect(judge({ until: NOW - 2000 }, [])).toEqual({ outcome: 'violation', reason: 'expired', latenessMs: 1900 })
  })

  it('is undecided if the history of the log has changed since it was served.', () => {
    expect(judge({}, [], { epoch: 'two' })).toEqual({ outcome: 'undecided' })
    expect(judge({}, [], { generation: 2 })).toEqual({ outcome: 'undecided' })
  })

  it('is judged by the sketch if the row of the log has too many tags to keep them all.', () => {
    const tags = [...Array.from({ length: 200 }, (_, id) => `acme:Other:${id}`), TAG]
    expect(judge({}, [{ seq: 6, at: NOW - 50, tags }])).toEqual({ outcome: 'within bound', latenessMs: 0 })
  })
})

describe('The paths of differing fields', () => {
  it('name the fields and positions, and no values.', () => {
    const one = { name: 'a', tags: ['x', 'y'], parts: [{ id: 1 }, { id: 2 }], same: null }
    const other = { name: 'b', tags: ['x'], parts: [{ id: 1 }, { id: 3 }], same: null, extra: 1 }
    expect(differingPaths(one, other)).toEqual(['name', 'tags', 'parts[1].id', 'extra'])
  })

  it('stand for the whole value by a dollar sign, and for a name that may be data by an asterisk.', () => {
    expect(differingPaths(1, 2)).toEqual(['$'])
    expect(differingPaths([1], [2])).toEqual(['$[0]'])
    expect(differingPaths({ '+491234': 1 }, { '+491234': 2 })).toEqual(['*'])
    expect(differingPaths({ a: [1, { b: null }] }, { a: [1, { b: null }] })).toEqual([])
  })
})
