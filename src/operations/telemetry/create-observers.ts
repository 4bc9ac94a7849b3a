import { AsyncLocalStorage } from 'node:async_hooks'
import { hasSubscribers } from 'node:diagnostics_channel'
import { context, ProxyTracer, propagation, trace } from '@opentelemetry/api'
import type { Env } from '../../engine/cache/index.ts'
import type { RequestObserver } from '../../gateway/http/request-observer.ts'
import { joinObservers } from './join-observers.ts'
import { measureSteps } from './server-timing.ts'
import type { StepObserver } from './step-observer.ts'
import { traceRequests } from './trace-requests.ts'
import { type SpanContents, traceSteps } from './trace-steps.ts'

export interface ObserverOptions extends SpanContents {
  /** Whether clients may request debugging, and then get the durations of the steps. */
  readonly debug: boolean
  readonly env: Env
}

/** Observers of one process. Each member is undefined if nobody would use its records, so that nothing is paid for them. */
export interface Observers {
  readonly steps: StepObserver | undefined
  readonly requests: RequestObserver | undefined
  /** Returns the fields of a log line that name the trace. */
  readonly logFields: (() => Readonly<Record<string, string>>) | undefined
  /** Returns the header fields of a request to another server that name the trace (W3C Trace Context). */
  readonly outgoingHeaders: (() => Readonly<Record<string, string>>) | undefined
  /** Environment whose timers belong to no request, even if a request has set them. */
  readonly env: Env
}

/**
 * Creates the observers. Steps are traced if a provider of OpenTelemetry was registered before this call; a provider that is registered
 * later is not noticed.
 */
export function createObservers({ debug, env, documents, operationNames }: ObserverOptions): Observers {
  const tracer = trace.getTracer('tidegate')
  const measured = debug ? measureSteps(() => env.monotonic()) : undefined
  // Without a provider, the API returns a proxy that waits for one.
  if (tracer instanceof ProxyTracer)
    return {
      steps: measured,
      requests: undefined,
      logFields: undefined,
      outgoingHeaders: undefined,
      env: measured ? withDetachedTimers(env) : env,
    }
  const traced = traceSteps(tracer, { documents, operationNames })
  return {
    steps: measured ? joinObservers(traced, measured) : traced,
    requests: traceRequests(tracer),
    logFields: activeTrace,
    outgoingHeaders: traceHeaders,
    env: withDetachedTimers(env),
  }
}

function activeTrace(): Readonly<Record<string, string>> {
  const active = trace.getActiveSpan()?.spanContext()
  return active ? { trace_id: active.traceId, span_id: active.spanId, trace_flags: active.traceFlags.toString(16).padStart(2, '0') } : {}
}

function traceHeaders(): Readonly<Record<string, string>> {
  const headers: Record<string, string> = {}
  // The instrumentation of undici adds these fields, too. Twice, they would be invalid.
  if (!hasSubscribers('undici:request:create')) propagation.inject(context.active(), headers)
  return headers
}

/** A timer runs in the context of the code that has set it. Without this, the regular work of the cache would belong to a single request. */
function withDetachedTimers(env: Env): Env {
  const detached = AsyncLocalStorage.snapshot()
  return {
    now: () => env.now(),
    monotonic: () => env.monotonic(),
    random: () => env.random(),
    setTimer: (callback, delayMs) => env.setTimer(() => detached(callback), delayMs),
    defer: (callback) => env.defer(() => detached(callback)),
  }
}
