import { execFile } from 'node:child_process'
import { setTimeout as pause } from 'node:timers/promises'
import { promisify } from 'node:util'
import { freePort } from './free-port.ts'
import { type RedisProcess, runRedis } from './redis-processes.ts'

export interface RedisCluster {
  readonly url: string
  /** Returns the ports of the nodes that currently serve slots, according to a running node. */
  primaries(): Promise<readonly number[]>
  /** Kills a node like a crash. */
  kill(port: number): Promise<void>
  stop(): Promise<void>
}

const run = promisify(execFile)
const PRIMARIES = 3
const NODE_TIMEOUT_MS = 1500

/** Starts a cluster of three primaries with one replica each, on loopback and in temporary folders. */
export async function startRedisCluster(): Promise<RedisCluster> {
  const nodes = new Map<number, RedisProcess>()
  const stop = async () => {
    await Promise.all([...nodes.values()].map((node) => node.stop()))
    nodes.clear()
  }
  try {
    for (let node = 0; node < 2 * PRIMARIES; node++) {
      const port = await freePort()
      const settings = [`port ${port}`, 'cluster-enabled yes', `cluster-node-timeout ${NODE_TIMEOUT_MS}`, 'repl-diskless-sync-delay 0']
      nodes.set(port, await runRedis(port, settings))
    }
    const addresses = [...nodes.keys()].map((port) => `127.0.0.1:${port}`)
    await attempt('the cluster', () => run('redis-cli', ['--cluster', 'create', ...addresses, '--cluster-replicas', '1', '--cluster-yes']))
    await attempt('its replicas', async () => {
      const links = await Promise.all([...nodes.keys()].map((port) => ask(port, 'info', 'replication')))
      if (links.filter((info) => info.includes('master_link_status:up')).length !== PRIMARIES)
        throw new Error('Not all replicas are linked.')
    })
    return {
      url: `redis+cluster://${addresses.join(',')}`,
      primaries: async () => {
        const [alive] = nodes.keys()
        const known = await ask(alive as number, 'cluster', 'nodes')
        return known
          .split('\n')
          .filter((line) => /\bmaster\b/.test(line) && !/fail/.test(line))
          .map((line) => Number(/:(\d+)@/.exec(line)?.[1]))
      },
      kill: async (port) => {
        await nodes.get(port)?.stop()
        nodes.delete(port)
      },
      stop,
    }
  } catch (error) {
    await stop()
    throw error
  }
}

async function ask(port: number, ...command: readonly string[]): Promise<string> {
  return (await run('redis-cli', ['-p', String(port), ...command])).stdout
}

async function attempt(what: string, work: () => Promise<unknown>): Promise<void> {
  for (let left = 40; ; left--) {
    try {
      await work()
      return
    } catch (error) {
      if (left === 0) throw new Error(`Redis Cluster: ${what} did not come up.`, { cause: error })
      await pause(250)
    }
  }
}
