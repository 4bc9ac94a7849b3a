import { describe, expect, it } from 'vitest'
import { judged, LIMITS, slowestOf, slownessOf, type Waiting } from '#src/operations/admin/figures/slowness.ts'

interface Case {
  readonly p50: number
  readonly p99: number
  readonly count?: number
  readonly usualP50?: number
  readonly usualP99?: number
  readonly usualCount?: number
  readonly loopP50?: number
  readonly loopP99?: number
}

const USUAL_MS = 0.5

/** Returns the report of a process whose Redis has these durations, ms. */
function waitingFor(given: Case): Waiting {
  const { p50, p99, count = 500, usualP50 = USUAL_MS, usualP99 = 2, usualCount = 20_000, loopP50 = 1, loopP99 = 3 } = given
  const none = { count: 0, p50Ms: null, p99Ms: null }
  return {
    redis: { lastMinute: { count, p50Ms: p50, p99Ms: p99 }, usual: { count: usualCount, p50Ms: usualP50, p99Ms: usualP99 } },
    statement: { lastMinute: none, usual: none },
    connection: null,
    eventLoop: { lastMinute: { count: 30, p50Ms: loopP50, p99Ms: loopP99 }, usual: none },
  }
}

const slowness = (given: Case) => slownessOf('redis', waitingFor(given))
const { p50Ms, p99Ms, always } = LIMITS.redis

describe('Redis or the database is called slow', () => {
  it('if half of the commands take as long as the limit of a median, and three times as long as usual. One of both alone is not enough.', () => {
    expect(slowness({ p50: p50Ms, p99: p50Ms })).toBe('median')
    expect(slowness({ p50: p50Ms - 0.1, p99: p50Ms })).toBeNull()
    expect(slowness({ p50: p50Ms, p99: p50Ms, usualP50: p50Ms / 3 })).toBe('median')
    expect(slowness({ p50: p50Ms, p99: p50Ms, usualP50: p50Ms / 2.9 })).toBeNull()
  })

  it('if the slowest commands reach their limit, and three times what is usual, and there are many of them.', () => {
    expect(slowness({ p50: 1, p99: p99Ms })).toBe('slowest')
    expect(slowness({ p50: 1, p99: p99Ms - 1 })).toBeNull()
    expect(slowness({ p50: 1, p99: p99Ms, usualP99: p99Ms / 2 })).toBeNull()
    expect(slowness({ p50: 1, p99: p99Ms, count: 99 })).toBeNull()
    expect(slowness({ p50: 1, p99: p99Ms, count: 100 })).toBe('slowest')
  })

  it('if it is far too slow, although nothing is known about what is usual or it always is.', () => {
    const { p50Ms: median, p99Ms: slowest } = always
    expect(slowness({ p50: median, p99: median, usualCount: 0 })).toBe('always')
    expect(slowness({ p50: median, p99: median, usualP50: median, usualP99: median })).toBe('always')
    expect(slowness({ p50: median - 1, p99: median, usualCount: 0 })).toBeNull()
    expect(slowness({ p50: 1, p99: slowest, usualP99: slowest })).toBe('always')
    expect(slowness({ p50: 1, p99: slowest - 1, usualCount: 0 })).toBeNull()
    expect(slowness({ p50: 1, p99: slowest, usualCount: 0, count: 99 })).toBeNull()
    expect(slowness({ p50: p50Ms, p99: p50Ms, usualCount: 99 })).toBeNull()
  })

  it('not for a few commands, of which one may have been slow by chance.', () => {
    expect(slowness({ p50: 500, p99: 500, count: 19 })).toBeNull()
    expect(slowness({ p50: 500, p99: 500, count: 20 })).toBe('always')
  })

  it('not if the event loop of the process that measured it was late by half of that time: then it is the process.', () => {
    expect(slowness({ p50: 40, p99: 90, loopP50: 19 })).toBe('always')
    expect(slowness({ p50: 40, p99: 90, loopP50: 20, loopP99: 90 })).toBeNull()
    expect(slowness({ p50: 1, p99: p99Ms, loopP99: p99Ms / 2 })).toBeNull()
  })

  it('not without a measurement: an older version, or a process without Redis.', () => {
    expect(judged('redis', undefined)).toBeNull()
    expect(slownessOf('connection', waitingFor({ p50: 500, p99: 500 }))).toBeNull()
    expect(slownessOf('statement', waitingFor({ p50: 500, p99: 500 }))).toBeNull()
  })
})

it('The slowest process is one that finds it slow, and otherwise the one with the highest 99th percentile.', () => {
  const process = (id: string, given: Case) => ({ id, details: { waiting: waitingFor(given) } })
  const quick = process('quick', { p50: 1, p99: 2 })
  const jumpy = process('jumpy', { p50: 1, p99: 190, usualP99: 190 })
  const slow = process('slow', { p50: 40, p99: 60 })
  const old = { id: 'old', details: {} }
  expect(slowestOf('redis', [quick, jumpy, old])).toMatchObject({ instance: 'jumpy', slow: null })
  expect(slowestOf('redis', [quick, jumpy, slow])).toMatchObject({ instance: 'slow', slow: 'always' })
  expect(slowestOf('redis', [old])).toBeNull()
})
