import { afterEach, describe, expect, it, vi } from 'vitest'
import { needs } from './availability.ts'
import { closing, failureLines, type Reason } from './closing-lines.ts'

const reasons = (counts: Partial<Record<Reason, number>>) =>
  Object.entries(counts).flatMap(([reason, count]) => Array<Reason>(count).fill(reason as Reason))

describe('the last lines that a test run prints', () => {
  it('say that every test was run', () => {
    expect(closing([], false)).toEqual({ lines: ['0 tests not run'], failed: false })
    expect(closing([], true)).toEqual({ lines: ['0 tests not run'], failed: false })
  })

  it('contain the number of tests that need redis-server, and the command that installs redis-server', () => {
    expect(closing(reasons({ 'redis-server': 42 }), false)).toEqual({
      lines: ['42 tests not run: need redis-server (apt-get install redis-server)'],
      failed: false,
    })
  })

  it('contain a line for each missing program with its number of tests, and redis-server comes last', () => {
    expect(closing(reasons({ 'redis-server': 3, openssl: 1, DATA_DIR: 2 }), false).lines).toEqual([
      '2 tests not run: need the data sets (set DATA_DIR)',
      '1 test not run: need openssl (apt-get install openssl)',
      '3 tests not run: need redis-server (apt-get install redis-server)',
    ])
  })

  it('make a CI run fail if a program is missing, and say so in the same line', () => {
    expect(closing(reasons({ 'redis-server': 42 }), true)).toEqual({
      lines: ['42 tests not run: need redis-server (apt-get install redis-server); with CI=true this is a failure'],
      failed: true,
    })
  })

  it('do not make a CI run fail if only data sets are missing', () => {
    expect(closing(reasons({ DATA_DIR: 16 }), true)).toEqual({
      lines: ['16 tests not run: need the data sets (set DATA_DIR)'],
      failed: false,
    })
  })

  it('contain the number of tests that were skipped although no program is missing, and such tests make a CI run fail', () => {
    expect(closing(reasons({ unknown: 2 }), false)).toEqual({
      lines: ['2 tests not run: skipped in the source, by a filter, or after a failed hook'],
      failed: false,
    })
    expect(closing(reasons({ unknown: 2 }), true).failed).toBe(true)
  })
})

describe('a test that needs certain programs', () => {
  afterEach(() => {
    vi.unstubAllEnvs()
  })

  it('is skipped, with the first missing program as the reason', () => {
    vi.stubEnv('PATH', '/nowhere')
    vi.stubEnv('DATA_DIR', '')
    expect(needs('redis-server')).toEqual({ skip: true, meta: { missing: 'redis-server' } })
    expect(needs('DATA_DIR', 'xz')).toEqual({ skip: true, meta: { missing: 'DATA_DIR' } })
  })

  it('runs if no program is missing', () => {
    vi.stubEnv('DATA_DIR', '/data')
    expect(needs('DATA_DIR')).toEqual({})
  })
})

describe('the lines that a test run prints about failed tests', () => {
  const failure = { file: 'test/a.test.ts', name: 'a cache > answers', messages: ['expected 1 to be 2\n  at a line', 'and another'] }

  it('contain the file, the test and the error in one line', () => {
    expect(failureLines([failure])).toEqual(['FAILED test/a.test.ts > a cache > answers', '  expected 1 to be 2 at a line | and another'])
  })

  it('contain only the file if the file could not be loaded', () => {
    expect(failureLines([{ ...failure, name: '', messages: ['no such module'] }])[0]).toBe('FAILED test/a.test.ts')
  })

  it('are truncated if a message is long or if there are many failures', () => {
    const lines = failureLines(Array.from({ length: 12 }, () => ({ ...failure, messages: ['x'.repeat(10_000)] })))
    expect(lines).toHaveLength(21)
    expect(lines[1]).toHaveLength(402)
    expect(lines.at(-1)).toBe('and 2 more failed')
  })

  it('are omitted if nothing failed', () => {
    expect(failureLines([])).toEqual([])
  })
})
