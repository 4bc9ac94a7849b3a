/** Configuration of a run, from the environment: `k6 run -e RATE=200 k6/load.ts`. */
export interface Settings {
  /** Address of the gateway, without a path. */
  readonly baseUrl: string
  /** Access tokens (JSON Web Tokens) of users with the role EDITOR, from one or more tenants. */
  readonly tokens: readonly string[]
  /** Rate in iterations per second; for ramps, the highest rate. */
  readonly rate: number
  /** Duration of the whole run, s. */
  readonly seconds: number
  /** Number of virtual users. It is the same from start to end. */
  readonly virtualUsers: number
  /** Share of the iterations that write, from 0 to 1. */
  readonly writeShare: number
  /** Threshold for the 95th percentile of the latency, ms. If the latency is higher, the run fails. */
  readonly p95Ms: number
  readonly distribution: 'zipf' | 'uniform'
  readonly seed: number
  /** Whether gateways are killed and Redis is restarted during the run. */
  readonly hasFaults: boolean
}

export interface Defaults {
  readonly rate: number
  readonly duration: string
  readonly virtualUsers: number
  readonly writeShare: number
  readonly p95Ms: number
}

const SECONDS = { s: 1, m: 60, h: 3600 }

export function readSettings(defaults: Defaults): Settings {
  const tokens = (__ENV['TOKENS'] ?? __ENV['TOKEN'] ?? '').split(',').filter((token) => token !== '')
  if (tokens.length === 0)
    throw new Error(
      'TOKENS: expected tokens of editors, separated by commas, got none: issue one by npm run -s token -- --tenant acme --role EDITOR',
    )
  const distribution = __ENV['DISTRIBUTION'] ?? 'zipf'
  if (distribution !== 'zipf' && distribution !== 'uniform')
    throw new Error(`DISTRIBUTION: expected zipf or uniform, got "${distribution}".`)
  return {
    baseUrl: (__ENV['BASE_URL'] ?? 'http://127.0.0.1:4000').replace(/\/+$/, ''),
    tokens,
    rate: Math.round(numberOf('RATE', defaults.rate, 1, 1_000_000)),
    seconds: secondsOf(__ENV['DURATION'] ?? defaults.duration),
    virtualUsers: Math.round(numberOf('VUS', defaults.virtualUsers, 1, 100_000)),
    writeShare: numberOf('WRITE_SHARE', defaults.writeShare, 0, 1),
    p95Ms: numberOf('P95_MS', defaults.p95Ms, 1, 60_000),
    distribution,
    seed: numberOf('SEED', 1, 0, 2 ** 31),
    hasFaults: __ENV['FAULTS'] === 'on',
  }
}

function numberOf(name: string, fallback: number, min: number, max: number): number {
  const text = __ENV[name]
  if (text === undefined || text === '') return fallback
  const value = Number(text)
  if (!(value >= min && value <= max)) throw new Error(`${name}: expected a number from ${min} to ${max}, got "${text}".`)
  return value
}

function secondsOf(text: string): number {
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)(s|m|h)/g)]
  const seconds = parts.reduce((sum, [, amount, unit]) => sum + Number(amount) * SECONDS[unit as keyof typeof SECONDS], 0)
  if (!(seconds > 0) || parts.map(([part]) => part).join('') !== text)
    throw new Error(`DURATION: expected a duration such as 30s or 1h30m, got "${text}".`)
  return seconds
}
