import { AsyncLocalStorage } from 'node:async_hooks'
import { context, trace } from '@opentelemetry/api'
import { describe, expect, it, onTestFinished } from 'vitest'
import { systemEnv } from '#src/engine/cache/index.ts'
import { createObservers } from '#src/operations/telemetry/create-observers.ts'
import { createQuerySummaries } from '#src/operations/telemetry/query-summary.ts'
import { measureSteps } from '#src/operations/telemetry/server-timing.ts'
import { recordSpans } from './traced-gateway.ts'

const options = { debug: false, env: systemEnv, documents: false, operationNames: false }

describe('the observers of a process', () => {
  it('do not exist if no provider is registered, and a provider that comes later changes nothing', () => {
    const observers = createObservers(options)
    const none = { steps: undefined, requests: undefined, logFields: undefined, outgoingHeaders: undefined, env: systemEnv }
    expect(observers).toEqual(none)
    const spans = recordSpans()
    onTestFinished(() => spans.stop())
    expect(observers).toEqual(none)
    expect(createObservers(options).steps).toBeDefined()
  })

  it('name the active trace to other servers and to the log', () => {
    const spans = recordSpans()
    onTestFinished(() => spans.stop())
    const { outgoingHeaders, logFields } = createObservers(options)
    const span = trace.getTracer('test').startSpan('work')
    const { traceId, spanId } = span.spanContext()
    context.with(trace.setSpan(context.active(), span), () => {
      expect(outgoingHeaders?.()).toEqual({ traceparent: `00-${traceId}-${spanId}-01` })
      expect(logFields?.()).toEqual({ trace_id: traceId, span_id: spanId, trace_flags: '01' })
    })
    expect(logFields?.()).toEqual({})
  })

  it('run the timers of the cache outside the request that has set them', async () => {
    const spans = recordSpans()
    onTestFinished(() => spans.stop())
    const { env } = createObservers(options)
    const storage = new AsyncLocalStorage<string>()
    const seen = (used: typeof env) =>
      storage.run('request', () => new Promise((resolve) => used.setTimer(() => resolve(storage.getStore()), 0)))
    expect(await seen(env)).toBeUndefined()
    expect(await seen(systemEnv)).toBe('request')
  })

  it('record a refresh as a trace of its own, with a link to the read that has started it', () => {
    const spans = recordSpans()
    onTestFinished(() => spans.stop())
    const { steps } = createObservers(options)
    const span = trace.getTracer('test').startSpan('read')
    context.with(trace.setSpan(context.active(), span), () => steps?.beginRefresh('Campaign', 2).end(undefined))
    const [refresh] = spans.take()
    expect(refresh).toMatchObject({ name: 'cache.refresh Campaign', parentId: undefined, links: [span.spanContext().spanId] })
    expect(refresh?.traceId).not.toBe(span.spanContext().traceId)
    steps?.beginRefresh('Campaign', 2).end(undefined)
    expect(spans.take()).toEqual([])
  })
})

describe('the header Server-Timing', () => {
  it('counts concurrent steps once, and is measured only for operations with debugging', () => {
    let now = 0
    const steps = measureSteps(() => now)
    const operation = steps.beginOperation(true)
    operation.contain(() => {
      const server = { address: undefined, port: undefined, database: undefined }
      const first = steps.beginStatement('select 1', server)
      now = 10
      const second = steps.beginStatement('select 2', server)
      now = 30
      first.end(undefined)
      first.end(undefined)
      now = 50
      second.end(undefined)
      now = 60
    })
    expect(operation.serverTiming()).toBe('db;dur=50.00;desc="2 statements", total;dur=60.00;desc="the whole operation"')
    expect(steps.beginOperation(false).serverTiming()).toBeUndefined()
  })
})

describe('the summary of a statement', () => {
  it.each([
    ['select * from "campaigns" where id = $1 for update', 'SELECT campaigns'],
    ['insert into bids (id) select id from calls on conflict do update set id = 1', 'INSERT bids SELECT calls'],
    [
      "with recent as (select 'from secret' from bids) select extract(epoch from at) from recent join public.calls on true",
      'SELECT bids SELECT public.calls',
    ],
    ['delete from only users -- from comment', 'DELETE users'],
    ['select generate_series from generate_series(1, 2)', 'SELECT'],
    ['begin', 'BEGIN'],
    ["/* with the next */ begin; set local tidegate.cause = 'a'", 'BEGIN'],
    ['-- begin\n', 'POSTGRESQL'],
  ])('of %j is %j', (statement, summary) => {
    expect(createQuerySummaries()(statement)).toBe(summary)
  })
})
