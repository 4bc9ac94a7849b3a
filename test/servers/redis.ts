import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as pause } from 'node:timers/promises'
import { Redis } from 'ioredis'
import { freePort } from './free-port.ts'
import { hasStarted } from './redis-processes.ts'

export interface RedisServer {
  readonly url: string
  readonly port: number
  start(): Promise<void>
  /** Stops the server gracefully, or with another signal, such as SIGKILL to simulate a crash. */
  stop(signal?: NodeJS.Signals): Promise<void>
}

/** Starts a Redis server on a free port. The server stores nothing on disk, and a test can stop and restart the server. */
export async function startRedis(): Promise<RedisServer> {
  const port = await freePort()
  let server: ChildProcess | undefined
  const start = async () => {
    const child = spawn('redis-server', ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'], {
      stdio: 'ignore',
    })
    await hasStarted(child)
    server = child
    for (let attempt = 0; !(await answers(port)); attempt++) {
      if (attempt === 100 || child.exitCode !== null) throw new Error('The Redis that the tests started does not answer.')
      await pause(50)
    }
  }
  await start()
  return {
    url: `redis://127.0.0.1:${port}`,
    port,
    start,
    stop: async (signal = 'SIGTERM') => {
      const child = server
      server = undefined
      if (!child || child.exitCode !== null) return
      const exited = once(child, 'exit')
      child.kill(signal)
      await exited
    },
  }
}

async function answers(port: number): Promise<boolean> {
  const client = new Redis({ port, host: '127.0.0.1', lazyConnect: true, retryStrategy: () => null, maxRetriesPerRequest: 0 })
  client.on('error', () => undefined)
  try {
    await client.connect()
    return (await client.ping()) === 'PONG'
  } catch {
    return false
  } finally {
    client.disconnect()
  }
}
