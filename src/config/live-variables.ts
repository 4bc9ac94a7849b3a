import { z } from 'zod'
import { positive, type Variable } from './variable-kinds.ts'

const count = (fallback: number, max: number, unit: string, meaning: string): Variable => ({
  group: 'Server',
  schema: z.coerce.number().int().min(0).max(max),
  default: String(fallback),
  expected: `a whole number of ${unit}`,
  meaning,
})

/** Variables of live queries. */
export const liveVariables = {
  LIVE_MAX_STREAMS: count(
    2000,
    1_000_000,
    'streams',
    'Maximum number of open streams of live queries in a process: see [live.md](live.md). 0: a live query is answered once.',
  ),
  LIVE_MAX_STREAMS_PER_CALLER: count(
    20,
    1_000_000,
    'streams',
    'Maximum number of open streams of live queries of one user of a tenant in a process, or of one address without a token.',
  ),
  LIVE_MAX_BYTES: positive(
    'bytes',
    String(64 * 2 ** 20),
    'Maximum size of the newest results of all live queries of a process, which tenants share fairly. A live query whose result does not fit ends, or one of a tenant whose results take more.',
    'Server',
  ),
} as const satisfies Record<string, Variable>

/** Configuration of live queries. */
export interface LiveConfig {
  /** Maximum number of open streams in a process; 0 turns live queries off. */
  readonly maxStreams: number
  /** Maximum number of open streams of one caller in a process. */
  readonly maxStreamsPerCaller: number
  /** Maximum size of the newest results of all live queries of a process, bytes of JSON. */
  readonly maxBytes: number
}

/** Reads the configuration of live queries. */
export function readLive(number: (name: keyof typeof liveVariables) => number): LiveConfig {
  return {
    maxStreams: number('LIVE_MAX_STREAMS'),
    maxStreamsPerCaller: number('LIVE_MAX_STREAMS_PER_CALLER'),
    maxBytes: number('LIVE_MAX_BYTES'),
  }
}
