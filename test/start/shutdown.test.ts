import { EventEmitter } from 'node:events'
import { describe, expect, it } from 'vitest'
import { Shutdown } from '../../src/start/shutdown.ts'

function begin({ isWorker = false } = {}) {
  const process = Object.assign(new EventEmitter(), { codes: [] as number[], exit: (code: number) => void process.codes.push(code) })
  const timers: (() => void)[] = []
  const shutdown = new Shutdown({
    process,
    isWorker,
    setTimer: (callback) => {
      timers.push(callback)
      return { cancel: () => undefined }
    },
  })
  return { process, shutdown, timers, tell: (signal: NodeJS.Signals) => void process.emit(signal, signal) }
}

describe('a process that is told to stop', () => {
  it('listens before anything is opened, and ends at once with 0', () => {
    const { process, tell } = begin()
    tell('SIGTERM')
    expect(process.codes).toEqual([0])
  })

  it('closes what the newest phase of its start says, and ends with the code that this gives', async () => {
    const { process, shutdown, tell } = begin()
    const closed: string[] = []
    const phase = (name: string, code: number) => ({
      run: async (signal: NodeJS.Signals) => {
        closed.push(`${name} at ${signal}`)
        return code
      },
      timeoutMs: 1,
      onTimeout: () => 1,
    })
    shutdown.stopBy(phase('the database', 3))
    shutdown.stopBy(phase('the server', 0))
    tell('SIGINT')
    await expect.poll(() => process.codes).toEqual([0])
    expect([closed, shutdown.signal]).toEqual([['the server at SIGINT'], 'SIGINT'])
  })

  it('ends when its time is up, with the code for that', () => {
    const { process, shutdown, timers, tell } = begin()
    shutdown.stopBy({ run: () => new Promise(() => undefined), timeoutMs: 1, onTimeout: () => 1 })
    tell('SIGTERM')
    expect(process.codes).toEqual([])
    for (const timer of timers) timer()
    expect(process.codes).toEqual([1])
  })

  it('ends at once at the second signal, unless it is a worker, which gets each signal twice', () => {
    for (const [isWorker, expected] of [
      [false, [1]],
      [true, []],
    ] as const) {
      const { process, shutdown, tell } = begin({ isWorker })
      shutdown.stopBy({ run: () => new Promise(() => undefined), timeoutMs: 1, onTimeout: () => 1 })
      tell('SIGINT')
      tell('SIGINT')
      expect(process.codes).toEqual(expected)
    }
  })

  it('ends with 1 when it cannot close', async () => {
    const { process, shutdown, tell } = begin()
    shutdown.stopBy({ run: () => Promise.reject(new Error('stuck')), timeoutMs: 1, onTimeout: () => 0 })
    tell('SIGTERM')
    await expect.poll(() => process.codes).toEqual([1])
  })
})
