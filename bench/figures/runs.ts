/** A run of `npm run load`. */
export interface Run {
  readonly title: string
  readonly args: readonly string[]
  /** Whether the rate may be too high for the machine. Slow answers do not fail such a run. Wrong answers and many errors still fail it. */
  readonly mayBeSlow?: boolean
}

export interface RunOptions {
  readonly isQuick: boolean
  /** Iterations a second; undefined for the default of the script. */
  readonly rate: string | undefined
  /** Rate that the database bears without the cache, iterations a second. */
  readonly lowRate: string
}

/** Options of a run with slow answers. The limit of the latency is so high that slow answers do not fail the run. */
const UNLIMITED = ['--env', 'P95_MS=60000']

/** Returns the runs that docs/benchmarks.md publishes. During the last run, Redis is restarted and a gateway is killed (`--faults`). */
export function publishedRuns({ isQuick, rate, lowRate }: RunOptions): readonly Run[] {
  const load = (full: string, quick: string) => ['load', '--data', 'large', '--duration', isQuick ? quick : full]
  const given = rate === undefined ? [] : ['--rate', rate]
  return [
    { title: 'cache on', args: [...load('5m', '40s'), ...given] },
    { title: 'CACHE=off, same rate', args: [...load('5m', '40s'), ...given, '--cache', 'off', ...UNLIMITED], mayBeSlow: true },
    { title: `CACHE=off, ${lowRate}/s`, args: [...load('2m', '30s'), '--rate', lowRate, '--cache', 'off', ...UNLIMITED] },
    { title: 'write-mix with faults', args: ['write-mix', '--data', 'large', '--faults', '--duration', isQuick ? '40s' : '10m'] },
  ]
}

/**
 * Returns the runs from which docs/sizing.md takes its coefficients. Two runs that differ in one setting show the effect of that setting.
 */
export function sizingRuns({ isQuick }: RunOptions): readonly Run[] {
  const load = (rate: number, ...more: readonly string[]) => {
    const duration = isQuick ? '20s' : '1m'
    return ['load', '--rate', String(rate), '--duration', duration, ...UNLIMITED, ...more]
  }
  const large = (rate: number, ...more: readonly string[]) => load(rate, '--data', 'large', ...more)
  const writes = (share: number) => ['--env', `WRITE_SHARE=${share}`]
  return [
    { title: 'reads of 1 tenant', args: large(200, '--tenants', '1', ...writes(0)) },
    { title: 'reads of 1 tenant, hot', args: large(500, '--tenants', '1', ...writes(0)) },
    { title: 'reads of 10 tenants', args: large(200, '--tenants', '10', ...writes(0)) },
    { title: 'reads of 50 tenants', args: large(200, ...writes(0)) },
    { title: 'reads of 50 tenants, uniform', args: large(200, '--distribution', 'uniform', ...writes(0)) },
    { title: 'reads, CACHE=off', args: large(30, '--cache', 'off', ...writes(0)) },
    { title: 'reads, 6,000 bids', args: load(200, ...writes(0)) },
    { title: 'reads, 6,000 bids, CACHE=off', args: load(30, '--cache', 'off', ...writes(0)) },
    { title: '2 % writes', args: large(100) },
    { title: '10 % writes', args: large(100, ...writes(0.1)) },
    { title: '30 % writes', args: large(100, ...writes(0.3)) },
    { title: 'only writes', args: large(40, ...writes(1)) },
    { title: '10 % writes, 2 processes', args: large(100, '--workers', '2', ...writes(0.1)) },
    { title: '10 % writes, 4 processes', args: large(100, '--workers', '4', ...writes(0.1)) },
  ]
}
