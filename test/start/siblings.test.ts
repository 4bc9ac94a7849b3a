import { describe, expect, it } from 'vitest'
import { MemoryLog } from '#src/engine/cache/index.ts'
import type { Position } from '#src/engine/cache/log/siblings.ts'
import { WorkerRelay } from '#src/start/relay-workers.ts'
import { WorkerSiblings } from '#src/start/siblings.ts'
import type { WorkerMessage } from '#src/start/worker-messages.ts'
import { Source, startInstance, write } from '../cache/instance.ts'
import { ManualEnv, settled } from '../cache/manual-env.ts'

const BOUND_MS = 1000

/**
 * Starts the workers of one primary process. Messages between the workers arrive immediately, except messages to a
 * hanging worker, which never arrive.
 */
function startWorkers(count: number) {
  const relay = new WorkerRelay()
  const env = new ManualEnv()
  const sent: WorkerMessage[] = []
  return {
    env,
    sent,
    workers: Array.from({ length: count }, () => {
      const state = { hangs: false }
      let toWorker: (message: unknown) => void = () => undefined
      let toPrimary: (message: unknown) => void = () => undefined
      let gone: () => void = () => undefined
      relay.add({
        send: (message) => {
          if (!state.hangs) toWorker(message)
        },
        onMessage: (listener) => {
          toPrimary = listener
        },
        onGone: (listener) => {
          gone = listener
        },
      })
      const channel = {
        send: (message: WorkerMessage) => {
          sent.push(message)
          toPrimary(message)
        },
        onMessage: (listener: (message: unknown) => void) => {
          toWorker = listener
        },
      }
      const siblings = new WorkerSiblings({
        channel,
        patienceMs: BOUND_MS,
        setTimer: (callback, delayMs) => env.setTimer(callback, delayMs),
      })
      return {
        siblings,
        hang: () => {
          state.hangs = true
        },
        die: () => gone(),
        say: (message: unknown) => toPrimary(message),
      }
    }),
  }
}

const AT: Position = { epoch: 'e', clock: 7 }

describe('the workers of one gateway instance', () => {
  it('all apply a write before the client gets the response to the write, so that every worker then returns the new value', async () => {
    const { workers } = startWorkers(3)
    const log = new MemoryLog()
    const source = new Source()
    source.values.set(1, 'old')
    const instances = await Promise.all(
      workers.map(({ siblings }) => startInstance(source, log, new ManualEnv(), { siblings, tickMs: 60_000 })),
    )
    for (const { read } of instances) expect(await read([1])).toEqual(['old'])
    const [first] = instances
    if (!first) throw new Error('There is no worker.')
    await write(first, log, source, 1, 'new')
    for (const { read } of instances) expect(await read([1])).toEqual(['new'])
    expect(source.loads).toHaveLength(6)
  })

  it('return the old value if the writing worker does not wait for the other workers, so this test detects such a gateway', async () => {
    const log = new MemoryLog()
    const source = new Source()
    source.values.set(1, 'old')
    const one = await startInstance(source, log, new ManualEnv(), { tickMs: 60_000 })
    const other = await startInstance(source, log, new ManualEnv(), { tickMs: 60_000 })
    await other.read([1])
    await write(one, log, source, 1, 'new')
    expect(await other.read([1])).toEqual(['old'])
  })

  it('get one question at a time about applied writes, and the next question names the latest write that callers wait for', async () => {
    const { workers } = startWorkers(2)
    const [asker, other] = workers
    const asked: number[] = []
    const held: (() => void)[] = []
    other?.siblings.listen(({ clock }) => {
      asked.push(clock)
      return new Promise((resolve) => held.push(resolve))
    })
    const first = asker?.siblings.applied(AT)
    const later = [9, 12, 8].map((clock) => asker?.siblings.applied({ ...AT, clock }))
    await settled()
    expect(asked).toEqual([7])
    held.shift()?.()
    await first
    await settled()
    expect(asked).toEqual([7, 12])
    held.shift()?.()
    await Promise.all(later)
  })

  it('delay a write at most by the timeout if a worker hangs, and not at all if the other workers have exited or there are none', async () => {
    const { env, workers } = startWorkers(3)
    const [asker, hanging, dying] = workers
    let isApplied = false
    hanging?.hang()
    dying?.siblings.listen(() => new Promise(() => undefined))
    const applied = asker?.siblings.applied(AT).then(() => {
      isApplied = true
    })
    dying?.die()
    await env.advance(BOUND_MS - 1)
    expect(isApplied).toBe(false)
    await env.advance(2)
    await applied
    hanging?.die()
    await asker?.siblings.applied(AT)
    await startWorkers(1).workers[0]?.siblings.applied(AT)
  })

  it('acknowledge a write even if they have not started or cannot read the log, because such workers do not use their caches', async () => {
    const { workers } = startWorkers(3)
    const [asker, failing] = workers
    failing?.siblings.listen(() => Promise.reject(new Error('The database cannot be reached.')))
    await asker?.siblings.applied(AT)
  })

  it('ignore messages between processes that other code sends', async () => {
    const { workers, sent } = startWorkers(2)
    for (const message of [null, 'text', 7, { cmd: 'NODE_CLUSTER' }, { tidegate: 'applied', id: 99 }]) workers[0]?.say(message)
    await settled()
    expect(sent).toEqual([])
  })
})
