import type { Instances } from '../../../../src/operations/admin/contract.ts'
import { count, duration } from '../../format/format.ts'

export type Waiting = NonNullable<Instances['instances'][number]['waiting']>
export type Awaited = Exclude<keyof Waiting, 'eventLoop'>
export type Times = NonNullable<Waiting[keyof Waiting]>

/** Names of the things that a process waits for. */
export const AWAITED: Readonly<Record<Awaited, string>> = {
  statement: 'SQL statements',
  redis: 'Redis commands',
  connection: 'Waits for a connection of the pool',
}

/** Says how long something took in the last minute, and what is usual. */
export function timesText({ lastMinute, usual }: Times): string {
  if (lastMinute.count === 0) return 'none in the last minute'
  const now = `p50 ${duration(lastMinute.p50Ms)}, p99 ${duration(lastMinute.p99Ms)} of ${count(lastMinute.count)} in the last minute`
  return usual.count === 0
    ? `${now}; not known yet what is usual`
    : `${now}; usually p50 ${duration(usual.p50Ms)}, p99 ${duration(usual.p99Ms)}`
}
