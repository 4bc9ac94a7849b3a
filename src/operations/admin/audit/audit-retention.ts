import type { Env, Timer } from '../../../engine/cache/model/env.ts'
import type { AuditLog } from './audit-log.ts'

export interface AuditRetentionOptions {
  readonly audit: Pick<AuditLog, 'trim'>
  readonly env: Pick<Env, 'setTimer' | 'random'>
  readonly days: number
  readonly onFailed: (error: unknown) => void
}

const INTERVAL_MS = 60 * 60 * 1000

/** Deletes old rows of the audit log, about once an hour. Processes choose different times, so that they do not delete the same rows. */
export function auditRetention({ audit, env, days, onFailed }: AuditRetentionOptions) {
  let timer: Timer | undefined
  const schedule = () => {
    timer = env.setTimer(
      () => {
        void audit.trim(days).catch(onFailed)
        schedule()
      },
      INTERVAL_MS * (0.5 + env.random()),
    )
  }
  return { start: schedule, close: () => timer?.cancel() }
}
