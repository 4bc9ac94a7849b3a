import { once } from 'node:events'
import { type AddressInfo, connect, createServer } from 'node:net'
import { describe, expect, it, onTestFinished } from 'vitest'
import { openRedis } from '#src/engine/redis/open-redis.ts'
import { needs } from '../servers/availability.ts'
import { startRedis } from '../servers/redis.ts'

/** Number of the last SUBSCRIBE at which the way is cut. */
const CUT_UP_TO = 3

/** Starts a way to a server on which all connections end after the first SUBSCRIBE was answered, and then at each further one up to a number. */
async function startCutWay(target: number) {
  const cuts = new Set<() => void>()
  let subscribed = 0
  const server = createServer((client) => {
    const upstream = connect(target, '127.0.0.1')
    const cut = () => {
      cuts.delete(cut)
      client.destroy()
      upstream.destroy()
    }
    cuts.add(cut)
    client.on('data', (chunk: Buffer) => {
      const subscribes = /\bsubscribe\b/i.test(chunk.toString('latin1'))
      if (subscribes) subscribed++
      if (subscribes && subscribed > 1 && subscribed <= CUT_UP_TO) cut()
      else upstream.write(chunk)
    })
    upstream.pipe(client)
    for (const socket of [client, upstream]) socket.on('error', cut).on('close', cut)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const cutAll = () => {
    for (const cut of cuts) cut()
  }
  onTestFinished(() => {
    cutAll()
    server.close()
  })
  return { port: (server.address() as AddressInfo).port, cutAll, subscribed: () => subscribed }
}

describe('A connection to Redis that is lost while it subscribes again', needs('redis-server'), () => {
  it('leaves no error uncaught, and is subscribed after a later attempt.', async () => {
    const uncaught: unknown[] = []
    const onUncaught = (error: unknown) => void uncaught.push(error)
    process.on('unhandledRejection', onUncaught)
    onTestFinished(() => void process.off('unhandledRejection', onUncaught))
    const redis = await startRedis()
    onTestFinished(() => redis.stop())
    const way = await startCutWay(redis.port)
    const url = `redis://127.0.0.1:${way.port}`
    const handle = openRedis({ url, commandTimeoutMs: 1000, prefix: 'test', onDown: () => undefined, onUp: () => undefined })
    onTestFinished(() => handle.close())
    handle.wakeUp.listen(() => undefined)
    await expect.poll(() => handle.wakeUp.isConnected(), { timeout: 10_000 }).toBe(true)
    way.cutAll()
    await expect.poll(() => way.subscribed(), { timeout: 10_000 }).toBeGreaterThan(CUT_UP_TO)
    await expect.poll(() => handle.wakeUp.isConnected(), { timeout: 10_000 }).toBe(true)
    expect(uncaught).toEqual([])
  })
})
