import { EventEmitter } from 'node:events'
import { describe, expect, it } from 'vitest'
import { Shutdown } from '#src/start/shutdown.ts'

function begin({ isWorker = false } = {}) {
  const process = Object.assign(new EventEmitter(), { codes: [] as number[], exit: (code: number) => void process.codes.push(code) })
  const timers: (() => void)[] = []
  const clock = { now: 0 }
  const shutdown = new Shutdown({
    process,
    isWorker,
    setTimer: (callback) => {
      timers.push(callback)
      return { cancel: () => undefined }
    },
    monotonic: () => clock.now,
  })
  return { process, clock, shutdown, timers, tell: (signal: NodeJS.Signals) => void process.emit(signal, signal) }
}

describe('a process that receives a stop signal', () => {
  it('exits immediately with 0 if nothing is open yet', () => {
    const { process, tell } = begin()
    tell('SIGTERM')
    expect(process.codes).toEqual([0])
  })

  it('runs only the shutdown of the phase that it has reached, and exits with the code that this shutdown returns', async () => {
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

  it('exits at the timeout with the exit code for a timeout', () => {
    const { process, shutdown, timers, tell } = begin()
    shutdown.stopBy({ run: () => new Promise(() => undefined), timeoutMs: 1, onTimeout: () => 1 })
    tell('SIGTERM')
    expect(process.codes).toEqual([])
    for (const timer of timers) timer()
    expect(process.codes).toEqual([1])
  })

  it('exits immediately on the second signal, unless it is a worker, which receives each signal twice', () => {
    for (const [isWorker, expected] of [
      [false, [1]],
      [true, []],
    ] as const) {
      const { process, clock, shutdown, tell } = begin({ isWorker })
      shutdown.stopBy({ run: () => new Promise(() => undefined), timeoutMs: 1, onTimeout: () => 1 })
      tell('SIGINT')
      clock.now = 1000
      tell('SIGINT')
      expect(process.codes).toEqual(expected)
    }
  })

  it('counts one Ctrl-C as one signal, although both the terminal and npm send it', () => {
    const { process, clock, shutdown, tell } = begin()
    shutdown.stopBy({ run: () => new Promise(() => undefined), timeoutMs: 1, onTimeout: () => 1 })
    tell('SIGINT')
    clock.now = 999
    tell('SIGINT')
    expect(process.codes).toEqual([])
    tell('SIGTERM')
    expect(process.codes).toEqual([1])
  })

  it('exits with 1 if its shutdown fails', async () => {
    const { process, shutdown, tell } = begin()
    shutdown.stopBy({ run: () => Promise.reject(new Error('stuck')), timeoutMs: 1, onTimeout: () => 0 })
    tell('SIGTERM')
    await expect.poll(() => process.codes).toEqual([1])
  })
})
