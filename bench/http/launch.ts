import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

/** A server in a process of its own. */
export interface Started {
  /** Such as `http://127.0.0.1:40001`. */
  readonly url: string
  /** Time on the CPU since it started, of all its threads, us. */
  cpuTime(): Promise<number>
  /** Resolves when it has ended. */
  stop(): Promise<void>
}

export interface Launch {
  /** Path from the root of the project. */
  readonly script: string
  readonly args?: readonly string[]
  readonly nodeArgs?: readonly string[]
  readonly env?: Readonly<Record<string, string>>
}

const ROOT = join(import.meta.dirname, '../..')
const SERVER_CORE = '0'
const READY_MS = 30_000
/** As Linux counts: 100 to the second on all its usual platforms. */
const TICK_US = 10_000

/** Starts a server on the core of the servers, with nothing of this process's environment but the path. */
export async function launch({ script, args = [], nodeArgs = [], env = {} }: Launch): Promise<Started> {
  const child = spawn('taskset', ['-c', SERVER_CORE, process.execPath, ...nodeArgs, join(ROOT, script), ...args], {
    cwd: ROOT,
    env: { PATH: process.env['PATH'], HOME: process.env['HOME'], NODE_ENV: 'production', METRICS: 'on', ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const exited = once(child, 'exit')
  const url = await new Promise<string>((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`${script} was not ready in time.`)), READY_MS)
    createInterface({ input: child.stdout }).on('line', (line) => {
      const found = /"url":"([^"]+)".*"msg":"ready"/.exec(line)?.[1]
      if (found === undefined) return
      clearTimeout(timer)
      resolve(found)
    })
    child.on('error', reject)
    child.on('exit', () => reject(new Error(`${script} ended before it was ready.`)))
  }).catch((error: unknown) => {
    child.kill('SIGKILL')
    throw error
  })
  return {
    url,
    cpuTime: async () => {
      const fields = (await readFile(`/proc/${child.pid}/stat`, 'utf8')).split(') ')[1]?.split(' ') ?? []
      return (Number(fields[11]) + Number(fields[12])) * TICK_US
    },
    stop: async () => {
      child.kill('SIGTERM')
      await exited
    },
  }
}
