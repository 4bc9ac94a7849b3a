import type { Fault } from './fault.ts'
import { runRevocations } from './revocation/run-revocations.ts'

export const fault: Fault = {
  id: 'F31',
  title: 'callers are suppressed and revoke consent while Redis is away, an instance sleeps, barriers fail and replies to COMMIT are lost',
  run: runRevocations,
}
