import { once } from 'node:events'
import { createServer } from 'node:net'
import { describe, expect, it } from 'vitest'
import { checkHealth, type Reply } from '#src/start/health-check.ts'
import { listenersOf } from '#src/start/listeners.ts'
import { freePort } from '../servers/free-port.ts'

/** Runs the check against a gateway that gives these replies, one after the other; the last one again and again. */
async function check(...replies: readonly Reply[]) {
  const asked: string[] = []
  const killed: number[] = []
  const health = await checkHealth({
    get: async (path) => {
      asked.push(path)
      return replies[Math.min(asked.length, replies.length) - 1] as Reply
    },
    listeners: async () => [7],
    kill: (pid) => void killed.push(pid),
  })
  return { ...health, asked, killed }
}

describe('The health check', () => {
  it('finds a gateway healthy that is ready.', async () => {
    expect(await check(200)).toEqual({ isHealthy: true, message: 'ready', asked: ['/readyz'], killed: [] })
  })

  it.each<[string, readonly Reply[]]>([
    ['has not started', ['closed']],
    ['has no database or stops', [503]],
    ['is too busy to answer /readyz', ['no answer', 200]],
    ['answers /healthz only at the third attempt', ['no answer', 'no answer', 'no answer', 200]],
    ['has ended meanwhile', ['no answer', 'no answer', 'closed']],
  ])('finds a gateway unhealthy that %s, and does not kill it.', async (_, replies) => {
    expect(await check(...replies)).toMatchObject({ isHealthy: false, killed: [] })
  })

  it('kills a gateway that answers nothing, neither at /readyz nor at /healthz in three attempts.', async () => {
    const { isHealthy, message, asked, killed } = await check('no answer')
    expect(isHealthy).toBe(false)
    expect(asked).toEqual(['/readyz', '/healthz', '/healthz', '/healthz'])
    expect(killed).toEqual([7])
    expect(message).toContain('the processes 7 were killed')
  })

  it.each([
    ['cannot see', []],
    ['cannot kill, because it is process 1 of a container', [1]],
  ])('says that a process must be restarted which it %s.', async (_, pids) => {
    const killed: number[] = []
    const health = await checkHealth({ get: async () => 'no answer', listeners: async () => pids, kill: (pid) => void killed.push(pid) })
    expect([health, killed]).toEqual([{ isHealthy: false, message: expect.stringContaining('restart it') }, []])
  })
})

describe('The processes that listen on a port', () => {
  it('are found by the port on Linux, and nobody is found on a port that is free.', async () => {
    const server = createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as { port: number }
    expect(await listenersOf(port)).toEqual(process.platform === 'linux' ? [process.pid] : [])
    expect(await listenersOf(await freePort())).toEqual([])
    server.close()
  })
})
