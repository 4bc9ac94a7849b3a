import { z } from 'zod'
import type { Variable } from './variable-kinds.ts'

/** Variables of the history of the cache. */
export const historyVariables = {
  HISTORY_DAYS: {
    group: 'Cache',
    schema: z.coerce.number().int().min(0).max(400),
    default: '14',
    expected: 'a whole number of days from 0 (off) to 400',
    meaning: 'Time for which PostgreSQL keeps the history of the cache: see [history.md](history.md). 0 turns the history off.',
  },
} as const satisfies Record<string, Variable>
