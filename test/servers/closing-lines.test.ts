import { afterEach, describe, expect, it, vi } from 'vitest'
import { needs } from './availability.ts'
import { closing, type Reason } from './closing-lines.ts'

const reasons = (counts: Partial<Record<Reason, number>>) =>
  Object.entries(counts).flatMap(([reason, count]) => Array<Reason>(count).fill(reason as Reason))

describe('the last lines of a test run', () => {
  it('say that every test was run', () => {
    expect(closing([], false)).toEqual({ lines: ['0 tests not run'], failed: false })
    expect(closing([], true)).toEqual({ lines: ['0 tests not run'], failed: false })
  })

  it('count the tests that need redis-server, and name its Debian package', () => {
    expect(closing(reasons({ 'redis-server': 42 }), false)).toEqual({
      lines: ['42 tests not run: need redis-server (apt-get install redis-server)'],
      failed: false,
    })
  })

  it('end with redis-server where several things are missing, each with its own count', () => {
    expect(closing(reasons({ 'redis-server': 3, openssl: 1, DATA_DIR: 2 }), false).lines).toEqual([
      '2 tests not run: need the data sets (set DATA_DIR)',
      '1 test not run: need openssl (apt-get install openssl)',
      '3 tests not run: need redis-server (apt-get install redis-server)',
    ])
  })

  it('fail a run of CI in which a program is missing, and say so in the same line', () => {
    expect(closing(reasons({ 'redis-server': 42 }), true)).toEqual({
      lines: ['42 tests not run: need redis-server (apt-get install redis-server); with CI=true this is a failure'],
      failed: true,
    })
  })

  it('do not fail a run of CI in which only the data sets are missing', () => {
    expect(closing(reasons({ DATA_DIR: 16 }), true)).toEqual({
      lines: ['16 tests not run: need the data sets (set DATA_DIR)'],
      failed: false,
    })
  })

  it('count tests that were skipped without a need, which fail a run of CI', () => {
    expect(closing(reasons({ unknown: 2 }), false)).toEqual({
      lines: ['2 tests not run: skipped in the source, by a filter, or after a failed hook'],
      failed: false,
    })
    expect(closing(reasons({ unknown: 2 }), true).failed).toBe(true)
  })
})

describe('a test that needs something', () => {
  afterEach(() => {
    vi.unstubAllEnvs()
  })

  it('is skipped with the first thing that is missing as its reason', () => {
    vi.stubEnv('PATH', '/nowhere')
    vi.stubEnv('DATA_DIR', '')
    expect(needs('redis-server')).toEqual({ skip: true, meta: { missing: 'redis-server' } })
    expect(needs('DATA_DIR', 'xz')).toEqual({ skip: true, meta: { missing: 'DATA_DIR' } })
  })

  it('runs where nothing is missing', () => {
    vi.stubEnv('DATA_DIR', '/data')
    expect(needs('DATA_DIR')).toEqual({})
  })
})
