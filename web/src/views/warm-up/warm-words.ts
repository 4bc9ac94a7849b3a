import type { WarmProgress } from '../../../../src/operations/admin/contract.ts'
import { count, duration } from '../../format/format.ts'
import { tidegateLine } from '../purging/command-line.ts'

/** Reasons of a warm-up, in words. */
export const REASONS: Readonly<Record<string, string>> = {
  start: 'a start of the process',
  deploy: 'a start with another schema',
  invalidation: 'a broad invalidation',
  schedule: 'the schedule',
  command: 'an operator',
}

/** Returns what a warm-up did, as one sentence. */
export function warmSentence({
  isRunning,
  total,
  done,
  durationMs,
}: Pick<WarmProgress, 'isRunning' | 'total' | 'done' | 'durationMs'>): string {
  const counts = `${count(done.executed)} executed, ${count(done.cached)} cached before, ${count(done.refused)} refused, ${count(done.failed)} failed`
  const operations = `${count(total)} ${total === 1 ? 'operation' : 'operations'}`
  return isRunning
    ? `Warming ${operations} since ${duration(durationMs)}: ${counts}.`
    : `Warmed ${operations} in ${duration(durationMs)}: ${counts}.`
}

/** Returns the command line that starts the same warm-up. */
export function warmLine({
  hottest,
  tenant,
  reason,
}: {
  readonly hottest: number
  readonly tenant: string | undefined
  readonly reason: string
}): string {
  return tidegateLine('warm', [], { hottest: String(hottest), tenant, reason })
}
