import { Redis } from 'ioredis'
import { insertEvents, type NewEvent } from '#src/market/modules/analytics/insert-events.ts'
import { freePort } from '../../test/servers/free-port.ts'
import { runRedis } from '../../test/servers/redis-processes.ts'
import { quantile } from '../cache/measure.ts'
import { type EventMarket, TENANT } from './market.ts'

const STREAM = 'events'
const GROUP = 'writers'
const MAX_EVENTS = 5000

export interface StreamBuffer {
  /** Resolves once Redis has written the events to its disk. */
  send(events: NewEvent[]): Promise<unknown>
  /**
   * Resolves once every event is in the database. @returns the median and the 99th percentile of the time from the acknowledgement of a
   * request until the events of the request are in the database, ms.
   */
  drain(): Promise<{ readonly p50: number; readonly p99: number }>
  stop(): Promise<void>
}

/** Starts a Redis Stream that is synced to disk with each write, and a consumer that moves the stream's events to the database. */
export async function startStream({ database }: EventMarket): Promise<StreamBuffer> {
  const port = await freePort()
  const server = await runRedis(port, [`port ${port}`, 'appendonly yes', 'appendfsync always'])
  const producer = new Redis(port)
  const consumer = new Redis(port)
  // The errors are ignored: while the Redis server is starting, the clients try again.
  for (const client of [producer, consumer]) client.on('error', () => undefined)
  await producer.xgroup('CREATE', STREAM, GROUP, '$', 'MKSTREAM')
  const sentAt = new Map<string, number>()
  const lags: number[] = []
  let isOver = false
  const consume = async () => {
    for (let calls = 50; !isOver || sentAt.size > 0; ) {
      const read = (await consumer.xreadgroup('GROUP', GROUP, 'one', 'COUNT', calls, 'BLOCK', 20, 'STREAMS', STREAM, '>')) as
        | [[string, [string, string[]][]]]
        | null
      const entries = read?.[0][1] ?? []
      if (entries.length === 0) continue
      const events = entries.flatMap(([, fields]) => JSON.parse(fields[1] ?? '[]') as NewEvent[])
      calls = Math.max(1, Math.floor(MAX_EVENTS / (events.length / entries.length)))
      await database.db.transaction().execute((transaction) => insertEvents(transaction, [{ tenant: TENANT, events }]))
      const ids = entries.map(([id]) => id)
      await consumer
        .pipeline()
        .xack(STREAM, GROUP, ...ids)
        .xdel(STREAM, ...ids)
        .exec()
      for (const id of ids) {
        lags.push(performance.now() - (sentAt.get(id) ?? performance.now()))
        sentAt.delete(id)
      }
    }
  }
  const consuming = consume()
  return {
    send: async (events) => {
      const id = await producer.xadd(STREAM, '*', 'events', JSON.stringify(events))
      if (id !== null) sentAt.set(id, performance.now())
    },
    drain: async () => {
      isOver = true
      await consuming
      return { p50: quantile(lags, 0.5), p99: quantile(lags, 0.99) }
    },
    stop: async () => {
      producer.disconnect()
      consumer.disconnect()
      await server.stop()
    },
  }
}
