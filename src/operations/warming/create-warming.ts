import { randomUUID } from 'node:crypto'
import type { RedisHandle } from '../../engine/redis/open-redis.ts'
import { threadCpuMs } from '../../gateway/graphql/document/thread-cpu.ts'
import type { RecordedOperation } from '../../gateway/warming/recorded-operation.ts'
import { type OpenWarmScheduleOptions, openWarmSchedule } from './open-warm-schedule.ts'
import { RedisRecords } from './redis-records.ts'
import { Warming, type WarmingOptions } from './warming.ts'

export interface CreateWarmingOptions
  extends Omit<WarmingOptions, 'records' | 'process' | 'processorTime'>,
    Pick<OpenWarmScheduleOptions, 'file' | 'dashboards' | 'activeTenants'> {
  readonly redis: RedisHandle | undefined
  /** Prefix of all keys in Redis. */
  readonly prefix: string
}

/** Maximum numbers of hot keys and hot operations that a process records. */
export const RECORDED = { maxKeys: 2048, maxOperations: 1024 }

/** Warming of one process, including the warming on cron schedules. */
export interface ProcessWarming extends Pick<Warming, 'onCacheEvent' | 'prepare' | 'begin' | 'close' | 'warmUp'> {
  /** Returns the recorded operations of this process, hottest first. */
  hottest(): readonly RecordedOperation[]
}

/**
 * Creates the warming of a process. If Redis is configured, the records of hot keys and hot operations are stored in Redis.
 * @throws GatewayError CONFIGURATION if the file of queries to be warmed is invalid.
 */
export async function createWarming({ redis, prefix, ...options }: CreateWarmingOptions): Promise<ProcessWarming> {
  const records = redis && { store: new RedisRecords(redis.client, `${prefix}:warming`), isReady: () => redis.isReady() }
  const warming = new Warming({ ...options, records, process: randomUUID(), processorTime: threadCpuMs })
  const { warmUp } = warming
  const onFailed = (error: unknown) => options.onEvent({ type: 'schedule-failed', error })
  const schedule = await openWarmSchedule({ ...options, redis, prefix, warmUp, onFailed })
  return {
    warmUp,
    hottest: () => options.recorder.hottest(options.graphql.execution).map(({ operation }) => operation),
    onCacheEvent: (event) => warming.onCacheEvent(event),
    prepare: () => warming.prepare(),
    begin() {
      warming.begin()
      schedule.start()
    },
    async close() {
      schedule.stop()
      await warming.close()
    },
  }
}
