/** Status of a response, or what came in its place: a connection that was refused or closed, or nothing within the time. */
export type Reply = number | 'closed' | 'no answer'

export interface HealthCheckOptions {
  /** Requests a path of the gateway. Never rejects. */
  readonly get: (path: string, timeoutMs: number) => Promise<Reply>
  /** Returns the ids of the processes that listen on the gateway's port. */
  readonly listeners: () => Promise<readonly number[]>
  /** Ends a process at once, without asking it. */
  readonly kill: (pid: number) => void
}

export interface Health {
  readonly isHealthy: boolean
  /** One sentence for the log of the program that runs the check. */
  readonly message: string
}

/** Maximum time for /readyz, ms. It is longer than the gateway's own deadline for its database, so a gateway without a database answers. */
const READY_TIMEOUT_MS = 2500
const ALIVE_TIMEOUT_MS = 2000
/** Requests to /healthz without an answer after which a process counts as hung. A busy process answers one of them. */
const MAX_ATTEMPTS = 3
/** Maximum duration of a check, ms. A program that runs the check must wait longer for it. */
export const MAX_CHECK_MS = READY_TIMEOUT_MS + MAX_ATTEMPTS * ALIVE_TIMEOUT_MS

/**
 * Checks a gateway of this machine, and kills it if it hangs. A gateway hangs if its port is open and it answers nothing: nobody else
 * would end such a process, since a supervisor only restarts processes that have ended. A gateway that answers is never killed, whatever it
 * answers, because a restart does not bring back its database.
 */
export async function checkHealth({ get, listeners, kill }: HealthCheckOptions): Promise<Health> {
  const ready = await get('/readyz', READY_TIMEOUT_MS)
  if (ready === 200) return { isHealthy: true, message: 'ready' }
  if (ready === 'closed') return { isHealthy: false, message: 'not started: no process accepts connections' }
  if (ready !== 'no answer') return { isHealthy: false, message: `not ready: /readyz returned ${ready}` }
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
    const alive = await get('/healthz', ALIVE_TIMEOUT_MS)
    if (alive !== 'no answer') return { isHealthy: false, message: `slow: /readyz had no answer within ${READY_TIMEOUT_MS} ms` }
  }
  // Linux ignores the signal to process 1 of a container: it needs an init process.
  const hung = (await listeners()).filter((pid) => pid !== 1)
  for (const pid of hung) kill(pid)
  return {
    isHealthy: false,
    message:
      hung.length > 0
        ? `hung: no answer within ${MAX_CHECK_MS} ms, so the processes ${hung.join(', ')} were killed`
        : `hung: no answer within ${MAX_CHECK_MS} ms, and this check cannot kill the process: restart it`,
  }
}
