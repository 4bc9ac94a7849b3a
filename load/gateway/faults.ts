import { setTimeout as pause } from 'node:timers/promises'

/** A server that can be stopped and started again on its address. */
interface Restartable {
  stop(signal?: 'SIGKILL'): Promise<void>
  start(): Promise<void>
}

export interface FaultTargets {
  readonly redis: Restartable
  readonly gateway: Restartable
}

export interface FaultStep {
  /** Time after the start of the run, ms. */
  readonly atMs: number
  readonly what: string
  run(): Promise<void>
}

/** A step that was carried out. The report of the run lists these steps. */
export interface DoneFault {
  /** Time after the start of the run at which the step began, s. */
  readonly second: number
  readonly what: string
}

const MAX_DOWN_MS = 10_000

/**
 * Plans the faults of a run. Redis is stopped and started again twice, and has no entries after each start. Between these two restarts, one
 * gateway is killed (SIGKILL) and started again. Each time, the server is down for a twentieth of the run, but at most 10 s.
 */
export function planFaults(totalMs: number, { redis, gateway }: FaultTargets): readonly FaultStep[] {
  const downMs = Math.min(MAX_DOWN_MS, totalMs / 20)
  const restart = (share: number, name: string, server: Restartable, signal?: 'SIGKILL'): readonly FaultStep[] => [
    { atMs: totalMs * share, what: `${name} ${signal ? 'killed' : 'stopped'}`, run: () => server.stop(signal) },
    { atMs: totalMs * share + downMs, what: `${name} started again`, run: () => server.start() },
  ]
  return [...restart(0.2, 'Redis', redis), ...restart(0.45, 'one of two gateways', gateway, 'SIGKILL'), ...restart(0.75, 'Redis', redis)]
}

/** Carries out the faults of a run ({@link planFaults}). */
export class FaultSchedule {
  readonly #targets: FaultTargets
  readonly #controller = new AbortController()
  readonly #done: DoneFault[] = []
  #work: Promise<void> = Promise.resolve()

  constructor(targets: FaultTargets) {
    this.#targets = targets
  }

  /** Starts the schedule. @param totalMs Duration of the run, ms. @param onStep Called with each step after it was carried out. */
  begin(totalMs: number, onStep: (fault: DoneFault) => void): void {
    this.#work = this.#run(planFaults(totalMs, this.#targets), onStep)
    // The error of a failed step is ignored here, because `end` throws this error.
    this.#work.catch(() => undefined)
  }

  /**
   * Cancels the steps that have not begun, and waits for a step in progress.
   * @returns the steps that were carried out.
   * @throws the error of a failed step.
   */
  async end(): Promise<readonly DoneFault[]> {
    this.#controller.abort()
    await this.#work
    return this.#done
  }

  async #run(steps: readonly FaultStep[], onStep: (fault: DoneFault) => void): Promise<void> {
    const startedAt = performance.now()
    const elapsed = () => performance.now() - startedAt
    for (const { atMs, what, run } of steps) {
      await pause(Math.max(0, atMs - elapsed()), undefined, { signal: this.#controller.signal }).catch(() => undefined)
      if (this.#controller.signal.aborted) return
      const second = elapsed() / 1000
      await run()
      const fault = { second, what }
      this.#done.push(fault)
      onStep(fault)
    }
  }
}
