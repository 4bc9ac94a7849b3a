import { z } from 'zod'
import { secret, type Variable } from './variable-kinds.ts'

const MIN_KEY_LENGTH = 32
const DEFAULT_DECISION_DAYS = 400
const DEFAULT_RESERVATION_DAYS = 400

/** Variables of callers and of the carriers that report telephone calls. */
export const marketVariables = {
  CALLER_HASH_KEY: secret(
    'Secret with which the numbers of callers are hashed before anything is stored. All processes, imports of DNC lists and the tools that write callers need the same value. It can never be replaced: hashes under another key match nobody, so a start with another key is refused while the database has callers.',
    'Market',
  ),
  TELEPHONY_KEYS: {
    group: 'Market',
    schema: z
      .string()
      .transform((value, context) => {
        try {
          return JSON.parse(value) as unknown
        } catch {
          context.addIssue({ code: 'custom', message: 'not JSON' })
          return z.NEVER
        }
      })
      .pipe(z.record(z.string().min(1), z.array(z.string().min(MIN_KEY_LENGTH)).min(1).max(2))),
    default: '{}',
    expected: 'JSON such as {"acme": ["key of at least 32 characters"]}, with one or two keys for each tenant',
    meaning:
      'Secrets that sign the events which carriers send to /telephony/events, by tenant: see [telephony.md](telephony.md). A second key is accepted while the first one is being replaced. Default: no tenant, so every event is refused.',
  },
  DECISION_DAYS: {
    group: 'Market',
    schema: z.coerce.number().int().min(30).max(3650),
    default: String(DEFAULT_DECISION_DAYS),
    expected: 'a whole number of days from 30 to 3650',
    meaning: 'Time for which the decisions on pings and posts are kept. The database refuses to delete those of the last 30 days.',
  },
  RESERVATION_DAYS: {
    group: 'Market',
    schema: z.coerce.number().int().min(367).max(3650),
    default: String(DEFAULT_RESERVATION_DAYS),
    expected: 'a whole number of days from 367 to 3650',
    meaning:
      'Time for which reservations are kept that have ended or lapsed. Duplicate windows and limits of attempts look back by at most 366 days. What is deleted goes on counting for caps on all time.',
  },
} as const satisfies Record<string, Variable>

/** Configuration of callers and carriers. */
export interface MarketConfig {
  /** Secret with which the numbers of callers are hashed; undefined if it is not set. In development, a secret is then generated. */
  readonly callerHashKey: string | undefined
  /** Secrets of carriers by tenant, newest first. */
  readonly telephonyKeys: Readonly<Record<string, readonly string[]>>
  /** Time for which decisions on pings and posts are kept, days. */
  readonly decisionDays: number
  /** Time for which reservations are kept that have ended or lapsed, days. */
  readonly reservationDays: number
}

export interface ReadMarketVariables {
  readonly read: <Value>(name: keyof typeof marketVariables) => Value | undefined
}

export function readMarket({ read }: ReadMarketVariables): MarketConfig {
  return {
    callerHashKey: read<string>('CALLER_HASH_KEY'),
    telephonyKeys: read<MarketConfig['telephonyKeys']>('TELEPHONY_KEYS') ?? {},
    decisionDays: read<number>('DECISION_DAYS') ?? DEFAULT_DECISION_DAYS,
    reservationDays: read<number>('RESERVATION_DAYS') ?? DEFAULT_RESERVATION_DAYS,
  }
}
