import { LoadError } from '../load-error.ts'
import { MetricRegistry, type Sample } from '../metrics/registry.ts'
import { Thresholds } from '../metrics/thresholds.ts'
import { type Exports, Script } from '../script/script.ts'
import { type RunOptions, readOptions } from './options.ts'
import { type Runner, Scenario, type ScenarioProgress } from './scenario.ts'
import { VirtualUser } from './virtual-user.ts'

export interface TestParams {
  readonly script: URL
  readonly env: Readonly<Record<string, string | undefined>>
  /** Name of the load test, unique in this process. */
  readonly run: string
  /** Signal that aborts the load test from outside. The iterations are then interrupted, and there is still a summary. */
  readonly signal: AbortSignal
  /** Called once a second during the load test, and at its end. */
  readonly onProgress: (progress: Progress) => void
  /** Called with the message of an error that an iteration threw. Only the first failed iterations are reported. */
  readonly onFailure: (message: string) => void
  readonly onSample?: (sample: Sample) => void
  /** Called when the script's `setup` is done, before the first iteration, with the planned duration of the run. */
  readonly onStart?: (plannedMs: number) => Promise<void>
  /** Called when the last iteration has ended, before the script's `teardown`. */
  readonly onEnd?: () => Promise<void>
}

export interface Progress {
  readonly elapsedMs: number
  readonly completed: number
  readonly interrupted: number
  readonly scenarios: readonly ScenarioProgress[]
}

export interface TestResult {
  readonly options: RunOptions
  readonly registry: MetricRegistry
  readonly thresholds: Thresholds
  readonly durationMs: number
  readonly setupData: unknown
  readonly setupUser: Exports
  /** Maximum time by which an iteration started late because this process was busy, ms. */
  readonly maxLagMs: number
  /** The error that ended the load test early; undefined if the test ended by itself or because of a threshold. */
  readonly aborted: LoadError | undefined
  /** Removes the module hooks that were installed for the script. */
  close(): void
}

const PROGRESS_MS = 1000
const EVALUATION_MS = 2000
const MAX_REPORTED_FAILURES = 10

/** Runs a script as `k6 run` does. @throws LoadError if the script cannot be evaluated, its options are wrong, or its `setup` fails. */
export async function runTest(params: TestParams): Promise<TestResult> {
  const registry = new MetricRegistry()
  const script = new Script(params.script, registry, params.env, params.run)
  try {
    return await new TestRun(params, registry, script).run()
  } catch (error) {
    script.close()
    throw error
  }
}

class TestRun {
  readonly #params: TestParams
  readonly #registry: MetricRegistry
  readonly #script: Script
  readonly #stop = new AbortController()
  #aborted: LoadError | undefined
  #users = 0
  #failures = 0
  #maxLagMs = 0

  constructor(params: TestParams, registry: MetricRegistry, script: Script) {
    this.#params = params
    this.#registry = registry
    this.#script = script
  }

  async run(): Promise<TestResult> {
    const setupUser = this.#createUser()
    const exports = await this.#script.evaluate(setupUser)
    const options = readOptions(exports['options'])
    const thresholds = new Thresholds(options.thresholds, this.#registry)
    for (const { name, exec } of options.scenarios)
      if (typeof exports[exec] !== 'function')
        throw new LoadError('INVALID_OPTIONS', `options.scenarios.${name}.exec: expected the name of an exported function, got "${exec}".`)
    const { onSample, onStart, onEnd, signal } = this.#params
    const setupData = await this.#setup(setupUser, exports, options.setupTimeoutMs)
    const scenarios = options.scenarios.map((scenario) => this.#createScenario(scenario, setupData))
    for (const scenario of scenarios) await scenario.prepare()
    await onStart?.(Math.max(...options.scenarios.map(({ startTimeMs, durationMs }) => startTimeMs + durationMs)))
    if (onSample) this.#registry.onSample(onSample)
    const stop = () => this.#stop.abort()
    // If the signal was aborted during the preparation, it does not emit another `abort` event.
    if (signal.aborted) stop()
    signal.addEventListener('abort', stop)
    const startedAt = performance.now()
    const elapsed = () => performance.now() - startedAt
    const ticking = setInterval(() => this.#tick(scenarios, elapsed()), PROGRESS_MS)
    const evaluating = setInterval(() => this.#evaluate(thresholds, elapsed()), EVALUATION_MS)
    await Promise.all(scenarios.map((scenario) => scenario.run()))
    clearInterval(ticking)
    clearInterval(evaluating)
    signal.removeEventListener('abort', stop)
    const durationMs = elapsed()
    this.#tick(scenarios, durationMs)
    await onEnd?.()
    await this.#teardown(setupUser, exports, setupData, options.teardownTimeoutMs)
    setupUser.http.close()
    thresholds.evaluate(durationMs)
    return {
      options,
      registry: this.#registry,
      thresholds,
      durationMs,
      setupData,
      setupUser: exports,
      maxLagMs: this.#maxLagMs,
      aborted: this.#aborted,
      close: () => this.#script.close(),
    }
  }

  #createUser(): VirtualUser {
    return new VirtualUser(this.#users++, (error) => {
      this.#aborted ??= error
      this.#stop.abort()
    })
  }

  #createScenario(options: RunOptions['scenarios'][number], setupData: unknown): Scenario {
    const createRunner = async (): Promise<Runner> => {
      const user = this.#createUser()
      const exports = await this.#script.evaluate(user)
      const main = exports[options.exec] as (data: unknown) => unknown
      const data = copyOf(setupData)
      return {
        user,
        run: async () => {
          await main(data)
        },
      }
    }
    return new Scenario({
      options,
      registry: this.#registry,
      createRunner,
      onFailure: (error) => this.#onFailure(error),
      onLag: (ms) => {
        this.#maxLagMs = Math.max(this.#maxLagMs, ms)
      },
      signal: this.#stop.signal,
    })
  }

  async #setup(user: VirtualUser, { setup }: Exports, timeoutMs: number): Promise<unknown> {
    if (typeof setup !== 'function') return undefined
    user.enter('::setup')
    return copyOf(await inTime(() => setup(), timeoutMs, new LoadError('SETUP_TIMEOUT', `setup() took longer than ${timeoutMs} ms.`)))
  }

  async #teardown(user: VirtualUser, { teardown }: Exports, data: unknown, timeoutMs: number): Promise<void> {
    if (typeof teardown !== 'function') return
    user.enter('::teardown')
    await inTime(() => teardown(copyOf(data)), timeoutMs, new LoadError('TEARDOWN_TIMEOUT', `teardown() took longer than ${timeoutMs} ms.`))
  }

  #onFailure(error: unknown): void {
    // If the script uses a feature of k6 that this program does not support, the server is not at fault, and the results would be
    // meaningless. So the run is aborted.
    if (error instanceof LoadError && error.code !== 'SCRIPT_ABORTED') {
      this.#aborted ??= error
      this.#stop.abort()
    }
    if (this.#failures++ < MAX_REPORTED_FAILURES)
      this.#params.onFailure(error instanceof Error ? (error.stack ?? error.message) : String(error))
  }

  #tick(scenarios: readonly Scenario[], elapsedMs: number): void {
    const progress = scenarios.map((scenario) => scenario.progress())
    this.#registry.add(
      'vus',
      sumOf(progress, ({ active }) => active),
      {},
    )
    this.#registry.add(
      'vus_max',
      sumOf(progress, ({ initialized }) => initialized),
      {},
    )
    this.#params.onProgress({
      elapsedMs,
      completed: sumOf(scenarios, ({ completed }) => completed),
      interrupted: sumOf(scenarios, ({ interrupted }) => interrupted),
      scenarios: progress,
    })
  }

  #evaluate(thresholds: Thresholds, elapsedMs: number): void {
    thresholds.evaluate(elapsedMs)
    if (thresholds.aborting(elapsedMs)) this.#stop.abort()
  }
}

/**
 * Copies the data that `setup` returned through JSON, as k6 does, so that no virtual user sees changes that another virtual user makes to
 * the data.
 */
function copyOf(data: unknown): unknown {
  return data === undefined ? undefined : JSON.parse(JSON.stringify(data))
}

async function inTime(work: () => unknown, timeoutMs: number, late: LoadError): Promise<unknown> {
  const { promise, reject } = Promise.withResolvers<never>()
  const timer = setTimeout(() => reject(late), timeoutMs)
  try {
    return await Promise.race([work(), promise])
  } catch (error) {
    if (error instanceof LoadError) throw error
    throw new LoadError('SCRIPT_FAILED', error instanceof Error ? (error.stack ?? error.message) : String(error), { cause: error })
  } finally {
    clearTimeout(timer)
  }
}

function sumOf<Value>(values: readonly Value[], part: (value: Value) => number): number {
  return values.reduce((sum, value) => sum + part(value), 0)
}
