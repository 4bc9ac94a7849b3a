import { Cron } from 'croner'
import type { Env, Timer } from '../../engine/cache/model/env.ts'
import { canonicalJson, type Json } from '../../engine/cache/model/key.ts'
import { recordedOperations, type WarmOperation, type WarmTimes } from '../../gateway/warming/warm-operation.ts'
import type { WarmUp } from './warm-up.ts'

export interface WarmScheduleOptions {
  readonly operations: readonly WarmOperation[]
  readonly warmUp: Pick<WarmUp, 'start'>
  /** Claims a run for `ttlMs`. Resolves with false if another process has already claimed the run. */
  readonly claim: (run: string, ttlMs: number) => Promise<boolean>
  /** Returns the active tenants. */
  readonly activeTenants: () => Promise<readonly string[]>
  readonly env: Pick<Env, 'now' | 'setTimer'>
  /** Called with the error if a run could not begin, or if the dashboards cannot be warmed. */
  readonly onFailed: (error: unknown) => void
}

/** Operations with the same cron expression and time zone. They are warmed in one run. */
interface Group extends WarmTimes {
  readonly operations: readonly WarmOperation[]
}

/**
 * Maximum duration of one timer, ms. A timer of Node with more than 2^31 ms would fire immediately. After each timer the wall clock is read
 * again, so a change of the wall clock is noticed.
 */
const MAX_WAIT_MS = 60 * 60 * 1000
/**
 * Time for which a run is claimed, ms. The clocks of the processes must not differ by more than this time. Otherwise a second process could
 * claim the same run later.
 */
const CLAIM_MS = 10 * 60 * 1000

/**
 * Warms operations on their cron schedules. Among the processes that share a Redis, the first process that claims a run executes the run.
 * Without Redis, every process executes every run, because the cached values of one process are not available to another process. If a run
 * still lasts when the next run is due, the next run is skipped.
 */
export class WarmSchedule {
  readonly #options: WarmScheduleOptions
  readonly #groups: readonly Group[]
  readonly #timers = new Map<Group, Timer>()
  #isStopped = false

  constructor(options: WarmScheduleOptions) {
    this.#options = options
    const scheduled = options.operations.flatMap((operation) => (operation.times ? [{ operation, times: operation.times }] : []))
    const groups = Map.groupBy(scheduled, ({ times }) => `${times.timeZone} ${times.cron}`)
    this.#groups = [...groups.values()].flatMap((members) => {
      const [first] = members
      return first ? [{ ...first.times, operations: members.map(({ operation }) => operation) }] : []
    })
  }

  start(): void {
    for (const group of this.#groups) this.#waitForNext(group)
  }

  /** Prevents further runs. A run that has already begun ends when its warm-up ends. */
  stop(): void {
    this.#isStopped = true
    for (const timer of this.#timers.values()) timer.cancel()
  }

  #waitForNext(group: Group): void {
    const { cron, timeZone } = group
    const next = new Cron(cron, { timezone: timeZone, paused: true }).nextRun(new Date(this.#options.env.now()))
    if (next) this.#waitUntil(group, next.getTime())
  }

  #waitUntil(group: Group, at: number): void {
    if (this.#isStopped) return
    const { env } = this.#options
    const timer = env.setTimer(
      () => {
        if (env.now() < at) this.#waitUntil(group, at)
        else void this.#run(group, at).then(() => this.#waitForNext(group))
      },
      Math.min(Math.max(0, at - env.now()), MAX_WAIT_MS),
    )
    this.#timers.set(group, timer)
  }

  /** @param at The planned time, which is the same in all processes, Unix epoch ms. */
  async #run({ cron, timeZone, operations }: Group, at: number): Promise<void> {
    const { warmUp, claim, activeTenants, onFailed } = this.#options
    const run: Json = [at, cron, timeZone, operations.map(({ document }) => document)]
    try {
      if (!(await claim(canonicalJson(run), CLAIM_MS))) return
      const active = operations.some(({ tenants }) => tenants === 'ACTIVE') ? await activeTenants() : []
      if (this.#isStopped) return
      const recorded = operations.flatMap((operation) => recordedOperations(operation, active, at))
      await warmUp.start(recorded, 'schedule')
    } catch (error) {
      if (!this.#isStopped) onFailed(error)
    }
  }
}
