import { context, propagation, SpanKind, trace } from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import { W3CTraceContextPropagator } from '@opentelemetry/core'
import { InMemorySpanExporter, type ReadableSpan, SimpleSpanProcessor, type SpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace'
import { createApp } from '#src/app.ts'
import { readConfig } from '#src/config/config.ts'
import { systemEnv } from '#src/engine/cache/index.ts'
import { openMarketDatabase } from '#src/market/tables/database.ts'
import { createObservers, type Observers } from '#src/operations/telemetry/create-observers.ts'
import { createLogger } from '#src/operations/telemetry/logger.ts'
import { JWT_SECRET } from '../e2e/gateway.ts'

export interface TracedGatewayOptions {
  readonly databaseUrl: string
  readonly redisUrl: string
  readonly env?: Readonly<Record<string, string>>
  /** Changes the observers before the gateway gets them. */
  readonly change?: (observers: Observers) => Observers
}

export interface TracedGateway {
  readonly url: string
  /** The lines of the log. */
  readonly log: string[]
  close(): Promise<void>
}

/** Starts the whole gateway in this process, as `run-server.ts` does. */
export async function startTraced(options: TracedGatewayOptions): Promise<TracedGateway> {
  const { databaseUrl, redisUrl, env = {}, change = (observers) => observers } = options
  const config = readConfig({
    NODE_ENV: 'production',
    JWT_SECRET,
    CACHE_SECRET: 'cache secret of the traces, which is long enough',
    CALLER_HASH_KEY: 'caller hash key of the traces, long enough',
    DATABASE_URL: databaseUrl,
    REDIS_URL: redisUrl,
    PORT: '0',
    DRAIN_SECONDS: '0',
    WARMING: 'off',
    CACHE_SHADOW_RATE: '0',
    ...env,
  })
  const observers = change(createObservers({ ...config.tracing, debug: config.cache.debug, env: systemEnv }))
  const log: string[] = []
  const logger = createLogger('debug', { write: (line: string) => void log.push(line) }, observers.logFields)
  const database = await openMarketDatabase({
    url: databaseUrl,
    poolSize: 4,
    statementTimeoutMs: 30_000,
    onError: () => undefined,
    observer: observers.steps,
  })
  const app = await createApp({ config, database, logger, workers: undefined, explorerToken: undefined, observers })
  return {
    url: await app.listen(),
    log,
    close: async () => {
      await app.close()
      await database.close()
    },
  }
}

export interface RecordedSpan {
  readonly name: string
  readonly kind: string
  readonly attributes: Readonly<Record<string, unknown>>
  readonly links: readonly string[]
  readonly traceId: string
  readonly id: string
  readonly parentId: string | undefined
  readonly status: number
  readonly state: string | undefined
}

export interface RecordedSpans {
  /** Returns the spans that have ended since the last call, in the order of their starts. */
  take(): RecordedSpan[]
  /** Number of spans that have not ended yet. The values of a response are still being stored when the response was sent. */
  open(): number
  stop(): Promise<void>
}

/** Registers the SDK of OpenTelemetry, which keeps the spans in memory. */
export function recordSpans(): RecordedSpans {
  const exporter = new InMemorySpanExporter()
  let open = 0
  const counter: SpanProcessor = {
    onStart: () => void open++,
    onEnd: () => void open--,
    forceFlush: async () => undefined,
    shutdown: async () => undefined,
  }
  const provider = new TracerProvider({ spanProcessors: [new SimpleSpanProcessor({ exporter }), counter] })
  trace.setGlobalTracerProvider(provider)
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable())
  propagation.setGlobalPropagator(new W3CTraceContextPropagator())
  return {
    take: () => {
      const spans = exporter.getFinishedSpans().map(recorded)
      exporter.reset()
      return spans
    },
    open: () => open,
    stop: async () => {
      trace.disable()
      context.disable()
      propagation.disable()
      await provider.shutdown()
    },
  }
}

function recorded(span: ReadableSpan): RecordedSpan {
  const { traceId, spanId } = span.spanContext()
  return {
    name: span.name,
    kind: SpanKind[span.kind] ?? 'unknown',
    attributes: span.attributes,
    links: span.links.map(({ context }) => context.spanId),
    traceId,
    id: spanId,
    parentId: span.parentSpanContext?.spanId,
    status: span.status.code,
    state: span.spanContext().traceState?.serialize(),
  }
}

/** Returns a trace as indented text, one span a line, children in the order of their ends. */
export function tree(spans: readonly RecordedSpan[], parentId: string | undefined, indent = ''): string[] {
  return spans
    .filter((span) => span.parentId === parentId)
    .flatMap((span) => [`${indent}${span.kind} ${span.name}`, ...tree(spans, span.id, `${indent}  `)])
}
