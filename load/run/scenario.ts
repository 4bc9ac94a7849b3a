import { setTimeout as pause } from 'node:timers/promises'
import type { MetricRegistry } from '../metrics/registry.ts'
import { arrivals } from './arrivals.ts'
import type { ScenarioOptions } from './options.ts'
import type { VirtualUser } from './virtual-user.ts'

/** A virtual user with the function that each of its iterations runs. */
export interface Runner {
  readonly user: VirtualUser
  run(): Promise<void>
}

export interface ScenarioProgress {
  readonly name: string
  readonly elapsedMs: number
  readonly durationMs: number
  readonly active: number
  readonly initialized: number
}

export interface ScenarioContext {
  readonly options: ScenarioOptions
  readonly registry: MetricRegistry
  readonly createRunner: () => Promise<Runner>
  /** Called with each error that an iteration threw. */
  readonly onFailure: (error: unknown) => void
  /** Called for each iteration. `ms` is the time by which the iteration started late because this process was busy. */
  readonly onLag: (ms: number) => void
  readonly signal: AbortSignal
}

/**
 * Runs one scenario of an open model: each iteration starts at its scheduled time. If no virtual user is free at that time, the iteration
 * is dropped.
 */
export class Scenario {
  readonly #context: ScenarioContext
  readonly #free: Runner[] = []
  readonly #running = new Map<Runner, Promise<void>>()
  #initialized = 0
  #number = 0
  #startedAt: number | undefined
  #startedAtUnix = 0
  completed = 0
  interrupted = 0

  constructor(context: ScenarioContext) {
    this.#context = context
  }

  async prepare(): Promise<void> {
    const { preAllocatedVUs } = this.#context.options
    this.#initialized = preAllocatedVUs
    for (let count = 0; count < preAllocatedVUs; count++) this.#free.push(await this.#context.createRunner())
  }

  progress(): ScenarioProgress {
    const { name, durationMs } = this.#context.options
    const elapsedMs = this.#startedAt === undefined ? 0 : Math.min(durationMs, performance.now() - this.#startedAt)
    return { name, durationMs, elapsedMs, active: this.#running.size, initialized: this.#initialized }
  }

  async run(): Promise<void> {
    const { options, signal } = this.#context
    if (options.startTimeMs > 0) await pause(options.startTimeMs, undefined, { signal }).catch(() => undefined)
    if (signal.aborted) return
    this.#startedAt = performance.now()
    this.#startedAtUnix = Date.now()
    for (const arrivesMs of arrivals(options)) {
      await this.#until(arrivesMs)
      if (signal.aborted) break
      this.#context.onLag(performance.now() - this.#startedAt - arrivesMs)
      this.#begin()
    }
    await this.#until(options.durationMs)
    await this.#finish()
  }

  /**
   * Waits until the given time after the start of the scenario, ms. Timers have whole milliseconds, so the method does not wait if less
   * than one millisecond remains.
   */
  async #until(ms: number): Promise<void> {
    const remaining = ms - (performance.now() - (this.#startedAt ?? 0))
    if (remaining >= 1) await pause(remaining, undefined, { signal: this.#context.signal }).catch(() => undefined)
  }

  /** Starts an iteration with the virtual user that has been free for the longest time, so that all virtual users take part. */
  #begin(): void {
    const runner = this.#free.shift()
    if (!runner) {
      this.#context.registry.add('dropped_iterations', 1, { scenario: this.#context.options.name })
      if (this.#initialized < this.#context.options.maxVUs) void this.#addRunner()
      return
    }
    const { name } = this.#context.options
    runner.user.iteration = { scenario: name, scenarioStartedAt: this.#startedAtUnix, number: this.#number++ }
    this.#running.set(runner, this.#iterate(runner))
  }

  async #addRunner(): Promise<void> {
    this.#initialized++
    try {
      this.#free.push(await this.#context.createRunner())
    } catch (error) {
      this.#context.onFailure(error)
    }
  }

  async #iterate(runner: Runner): Promise<void> {
    const { registry, options, onFailure } = this.#context
    const began = performance.now()
    try {
      await runner.run()
    } catch (error) {
      onFailure(error)
    }
    if (!this.#running.delete(runner)) return
    registry.add('iteration_duration', performance.now() - began, { scenario: options.name })
    registry.add('iterations', 1, { scenario: options.name })
    this.completed++
    this.#free.push(runner)
  }

  /** Waits for the iterations in flight. Interrupts the iterations that take longer than the graceful stop. */
  async #finish(): Promise<void> {
    const { options, signal } = this.#context
    const controller = new AbortController()
    const timeout = pause(options.gracefulStopMs, undefined, { signal: AbortSignal.any([controller.signal, signal]) }).catch(
      () => undefined,
    )
    if (!signal.aborted) await Promise.race([Promise.all(this.#running.values()), timeout])
    controller.abort()
    this.interrupted = this.#running.size
    for (const { user } of this.#running.keys()) user.http.close()
    this.#running.clear()
    for (const { user } of this.#free) user.http.close()
  }
}
