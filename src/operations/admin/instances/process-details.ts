import { monitorEventLoopDelay } from 'node:perf_hooks'
import type { Cache } from '../../../engine/cache/cache.ts'
import type { CacheEvent } from '../../../engine/cache/model/events.ts'
import type { WaitingMeter } from '../../telemetry/waiting-times.ts'
import { EventLoopMeter } from './event-loop-meter.ts'
import type { InstanceDetails } from './instance-registry.ts'
import type { WarmUpRuns } from './warm-up-runs.ts'

export interface ProcessDetailsOptions {
  readonly cache: Pick<Cache, 'inventory'>
  /** Whether the process uses Redis, and so has a circuit breaker. */
  readonly hasRedis: boolean
  readonly warmUps: Pick<WarmUpRuns, 'sample' | 'runs'>
  readonly waiting: WaitingMeter
  /** Hash of the dependencies of all cache policies. */
  readonly dependencies: string
  /** Whether callers wait for connections of a pool. */
  readonly hasPool: boolean
}

/** Interval at which the delay of the event loop is measured, ms. It is part of each measured value. */
const RESOLUTION_MS = 20
const MAX_TENANTS = 10
const COUNT_OF = { equal: 'equal', 'within bound': 'withinBound', violation: 'violations', undecided: 'undecided' } as const
const NS_PER_MS = 1e6

/** Collects what this process reports about itself besides its state. */
export class ProcessDetails {
  readonly #options: ProcessDetailsOptions
  readonly #delay: ReturnType<typeof monitorEventLoopDelay>
  readonly #loop = new EventLoopMeter()
  #breaker: InstanceDetails['breaker']
  readonly #shadow = { equal: 0, withinBound: 0, violations: 0, undecided: 0 }

  constructor(options: ProcessDetailsOptions) {
    this.#options = options
    this.#breaker = options.hasRedis ? 'closed' : undefined
    this.#delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS })
    this.#delay.enable()
  }

  onCacheEvent(event: CacheEvent): void {
    if (event.type === 'breaker') this.#breaker = event.state
    else if (event.type === 'shadow') this.#shadow[COUNT_OF[event.outcome]]++
  }

  /** Returns the details for one report. The delay of the event loop is that since the call before. */
  read(): InstanceDetails {
    const { cache, warmUps, waiting, hasRedis, hasPool, dependencies } = this.#options
    warmUps.sample()
    const eventLoopLagMs = this.#delay.count === 0 ? 0 : Math.max(0, this.#delay.percentile(99) / NS_PER_MS - RESOLUTION_MS)
    this.#delay.reset()
    waiting.observe('eventLoop', eventLoopLagMs)
    const eventLoopUtilization = this.#loop.sample()
    const { redis, statement, connection, eventLoop } = waiting.times()
    return {
      eventLoopLagMs,
      ...(eventLoopUtilization === undefined ? {} : { eventLoopUtilization }),
      waiting: { redis: hasRedis ? redis : null, statement, connection: hasPool ? connection : null, eventLoop },
      dependencies,
      breaker: this.#breaker,
      shadow: { ...this.#shadow },
      tenants: cache.inventory.heaviestTenants(MAX_TENANTS),
      warmUps: warmUps.runs(),
    }
  }

  close(): void {
    this.#delay.disable()
  }
}
