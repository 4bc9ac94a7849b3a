import { AsyncLocalStorage } from 'node:async_hooks'
import type { OpenStep } from '../../engine/cache/index.ts'
import type { OpenOperation } from '../../gateway/graphql/execution/operation-observer.ts'
import { NO_STEP } from './no-step.ts'
import type { StepObserver } from './step-observer.ts'

/** Kinds of steps whose durations are measured, with their descriptions. */
const KINDS = {
  plan: { one: 'parse, validate and plan', many: 'parse, validate and plan' },
  cache: { one: 'read of the cache, with its load', many: 'reads of the cache, with their loads' },
  sync: { one: 'wait for the invalidation log', many: 'waits for the invalidation log' },
  redis: { one: 'command', many: 'commands' },
  db: { one: 'statement', many: 'statements' },
} as const

type Kind = keyof typeof KINDS

/** Measures the time in which at least one step of a kind was open, so that concurrent steps do not count twice. */
class Stopwatch {
  count = 0
  #open = 0
  #since = 0
  #totalMs = 0

  begin(now: number): void {
    this.count++
    if (this.#open++ === 0) this.#since = now
  }

  end(now: number): void {
    if (--this.#open === 0) this.#totalMs += now - this.#since
  }

  totalMs(now: number): number {
    return this.#open === 0 ? this.#totalMs : this.#totalMs + now - this.#since
  }
}

/** Durations of one operation. */
class Timings {
  readonly #monotonic: () => number
  readonly #startedAt: number
  readonly #stopwatches = new Map<Kind, Stopwatch>()

  constructor(monotonic: () => number) {
    this.#monotonic = monotonic
    this.#startedAt = monotonic()
  }

  begin(kind: Kind): OpenStep<unknown> {
    const stopwatch = this.#stopwatches.get(kind) ?? new Stopwatch()
    this.#stopwatches.set(kind, stopwatch)
    stopwatch.begin(this.#monotonic())
    let isOpen = true
    const end = () => {
      if (isOpen) stopwatch.end(this.#monotonic())
      isOpen = false
    }
    return { contain: (work) => work(), waitedFor: () => undefined, end, fail: end }
  }

  /** Returns the value of the header `Server-Timing`. */
  header(): string {
    const now = this.#monotonic()
    const measured = (Object.keys(KINDS) as Kind[]).flatMap((kind) => {
      const stopwatch = this.#stopwatches.get(kind)
      if (!stopwatch) return []
      const { one, many } = KINDS[kind]
      const text = kind === 'plan' ? one : `${stopwatch.count} ${stopwatch.count === 1 ? one : many}`
      return [metric(kind, stopwatch.totalMs(now), text)]
    })
    return [...measured, metric('total', now - this.#startedAt, 'the whole operation')].join(', ')
  }
}

function metric(name: string, durationMs: number, text: string): string {
  return `${name};dur=${durationMs.toFixed(2)};desc="${text}"`
}

/**
 * Returns an observer that measures how long the steps of an operation take, for the header `Server-Timing`. It measures only operations
 * whose response may tell durations.
 * @param monotonic Monotonic clock, ms.
 */
export function measureSteps(monotonic: () => number): StepObserver {
  const current = new AsyncLocalStorage<Timings | undefined>()
  const begin = (kind: Kind) => current.getStore()?.begin(kind) ?? NO_STEP
  return {
    beginOperation(debug): OpenOperation {
      if (!debug) return NO_STEP
      const timings = new Timings(monotonic)
      return { ...NO_STEP, contain: (work) => current.run(timings, work), serverTiming: () => timings.header() }
    },
    beginPlan: () => begin('plan'),
    beginExecution: () => NO_STEP,
    beginRead: () => begin('cache'),
    beginLoad: () => NO_STEP,
    // No request waits for a refresh, so its steps are not measured.
    beginRefresh: () => (current.getStore() ? { ...NO_STEP, contain: (work) => current.run(undefined, work) } : NO_STEP),
    beginSync: () => begin('sync'),
    beginCommand: () => begin('redis'),
    beginStatement: () => begin('db'),
    answeredAtHand: () => undefined,
  }
}
