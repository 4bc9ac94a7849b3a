import type { MemoryLog } from '#src/engine/cache/log/memory-log.ts'
import type { Module } from '#src/gateway/contract/module.ts'
import type { Principal } from '#src/gateway/identity/principal.ts'
import type { LiveEvent, LiveOptions } from '#src/gateway/live/live-options.ts'
import { LiveQueries, type OpenOptions } from '#src/gateway/live/live-queries.ts'
import { ManualEnv, settled } from '../cache/manual-env.ts'
import { startTinyGateway, viewer } from '../graphql/tiny-gateway.ts'
import type { TinyStore } from '../graphql/tiny-module.ts'
import { LiveReader } from './live-reader.ts'

export const NOTES = 'query Notes($folder: String) @live { notes(folder: $folder) { nodes { id text } } }'
export const NOTE = 'query Note @live { note(id: "1") { id text } }'

export interface LiveGatewayOptions extends Partial<Pick<LiveOptions, 'maxStreams' | 'maxStreamsPerCaller' | 'maxBytes' | 'omit'>> {
  readonly env?: ManualEnv
  readonly store?: TinyStore
  readonly log?: MemoryLog
  readonly enabled?: boolean
  /** Adapts the module before the gateway uses it. */
  readonly adapt?: (module: Module) => Module
  readonly maxConcurrentCost?: number
  /** Replaces the runner by a wrapped one. */
  readonly wrap?: (runner: LiveOptions['runner']) => LiveOptions['runner']
}

export interface Opening extends Partial<Omit<OpenOptions, 'operation'>> {
  readonly variables?: Readonly<Record<string, unknown>>
  readonly viewer?: Principal | null
  /** Whether the client reads what it is sent. Default: true. */
  readonly reads?: boolean
}

/** Starts live queries over the tiny gateway, whose time passes only when a test advances it. */
export async function startLiveGateway({ env = new ManualEnv(), wrap = (runner) => runner, ...options }: LiveGatewayOptions = {}) {
  const { store, log, enabled, adapt, maxConcurrentCost, ...limits } = options
  const gateway = await startTinyGateway({
    env,
    ...(store ? { store } : {}),
    ...(log ? { log } : {}),
    ...(enabled === undefined ? {} : { enabled }),
    ...(adapt ? { adapt } : {}),
  })
  const events: LiveEvent[] = []
  const { execution } = gateway.endpoint
  const live = new LiveQueries({
    ...execution,
    runner: wrap(execution.runner),
    limits: { ...execution.limits, ...(maxConcurrentCost === undefined ? {} : { maxConcurrentCost }) },
    now: () => gateway.cache.now(),
    env,
    maxStreams: 2000,
    maxStreamsPerCaller: 2000,
    maxBytes: 2 ** 26,
    stalenessBoundMs: 1000,
    onEvent: (event) => events.push(event),
    ...limits,
  })
  return {
    gateway,
    live,
    env,
    events,
    store: gateway.store,
    log: gateway.log,
    executions: () => events.filter(({ type }) => type === 'executed').length,
    /** Returns the time since COMMIT of each result that was given to a stream, ms. */
    lags: () => events.flatMap((event) => (event.type === 'delivered' ? [event.lagMs] : [])),
    endings: () => events.flatMap((event) => (event.type === 'ended' ? [event.reason] : [])),
    /** Writes a note and commits it. */
    async write(id: number, text: string, folder = 'inbox', tenantId = 'acme'): Promise<void> {
      gateway.store.put({ id, tenantId, folder, text })
      const { written } = gateway.store
      gateway.store.written = []
      await gateway.log.append(written)
    },
    async open(query: string, opening: Opening = {}) {
      const { variables = {}, viewer: caller = viewer('acme'), reads = true, ...others } = opening
      const operation = live.read({ body: { query, variables } }, caller)
      if (!operation) throw new Error('Expected a live query.')
      const options = { operation, requestId: 'request-1', caller: 'acme:u1', tokens: undefined, standing: () => undefined, ...others }
      const stream = await live.open(options)
      const reader = reads ? new LiveReader(stream) : undefined
      return { stream, reader: reader as LiveReader }
    },
    /** Lets time pass, and waits for everything that this starts. */
    async pass(ms: number): Promise<void> {
      await env.advance(ms)
      for (let turn = 0; turn < 12; turn++) await settled()
    },
    async [Symbol.asyncDispose]() {
      live.close()
      await env.advance(100)
      await gateway[Symbol.asyncDispose]()
    },
  }
}
