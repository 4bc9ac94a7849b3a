import { execFile, spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { promisify } from 'node:util'
import { installCommand } from './install-command.ts'
import { findProgram } from './programs.ts'
import { temporaryFolder } from './temporary-folder.ts'

export interface RedisCluster {
  readonly url: string
  /** Returns the ports of the nodes that currently serve slots, according to a running node. */
  primaries(): Promise<readonly number[]>
  /** Kills a node like a crash. */
  kill(port: number): Promise<void>
  stop(): Promise<void>
}

const run = promisify(execFile)
const SCRIPT = join(import.meta.dirname, '../../deploy/redis-cluster/cluster.sh')
const NODES = 6
/** Difference between the port for clients and the port for the other nodes. */
const BUS = 10_000
const [MIN_PORT, MAX_PORT] = [10_000, 22_000]

/** Starts the cluster of deploy/redis-cluster, of three primaries with one replica each, in a temporary folder. */
export async function startRedisCluster(): Promise<RedisCluster> {
  if (findProgram('redis-server') === undefined) throw new Error(installCommand('redis', process.platform))
  const folder = await temporaryFolder('redis-cluster')
  const nodes = join(folder.path, 'nodes')
  // The nodes run in the background. Without this they would outlive an interrupted test.
  const stopAtExit = () => void spawnSync('sh', [SCRIPT, 'stop', nodes])
  process.once('exit', stopAtExit)
  const stop = async () => {
    await run('sh', [SCRIPT, 'stop', nodes])
    process.off('exit', stopAtExit)
    await folder.remove()
  }
  const ports = await freePorts()
  const { stdout } = await run('sh', [SCRIPT, 'start', nodes, ...ports.map(String)])
  const alive = new Set(ports)
  return {
    url: /^REDIS_URL=(\S+)$/m.exec(stdout)?.[1] ?? '',
    primaries: async () => {
      const [port] = alive
      const { stdout: known } = await run('redis-cli', ['-p', String(port), 'cluster', 'nodes'])
      return known
        .split('\n')
        .filter((line) => /\bmaster\b/.test(line) && !/fail/.test(line))
        .map((line) => Number(/:(\d+)@/.exec(line)?.[1]))
    },
    kill: async (port) => {
      process.kill(Number(readFileSync(join(nodes, String(port), 'redis.pid'), 'utf8')), 'SIGKILL')
      alive.delete(port)
      while (!(await isFree(port))) await pause(10)
    },
    stop,
  }
}

/**
 * Returns ports for the nodes. They are below those that the system gives to others, so the port for the other nodes is free as well. Test
 * processes begin at different ports.
 */
async function freePorts(): Promise<readonly number[]> {
  const ports: number[] = []
  for (let port = MIN_PORT + ((process.pid * NODES) % (MAX_PORT - MIN_PORT)); ports.length < NODES; port++)
    if ((await isFree(port)) && (await isFree(port + BUS))) ports.push(port)
  return ports
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(false))
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)))
  })
}
