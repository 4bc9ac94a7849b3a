import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'

/** A server that runs in a process of its own. */
export interface Started {
  /** Address of the server, such as `http://127.0.0.1:40001`. */
  readonly url: string
  /** Returns the CPU time of all threads of the server since its start, us. */
  cpuTime(): Promise<number>
  /** Ends the server. Resolves when its process has ended. @param signal Default SIGTERM; SIGKILL ends it at once, as a crash does. */
  stop(signal?: 'SIGTERM' | 'SIGKILL'): Promise<void>
}

export interface Launch {
  /** Path of the script. A relative path starts at the root of the project. */
  readonly script: string
  readonly args?: readonly string[]
  readonly nodeArgs?: readonly string[]
  readonly env?: Readonly<Record<string, string>>
}

const ROOT = join(import.meta.dirname, '../..')
const SERVER_CORE = '0'
const READY_MS = 30_000
/** Length of a clock tick in Linux, us: there are 100 ticks per second on all usual platforms of Linux. */
const TICK_US = 10_000

/** Starts a server on the core that is reserved for servers. The server gets only the variable PATH of this process's environment. */
export async function launch({ script, args = [], nodeArgs = [], env = {} }: Launch): Promise<Started> {
  const child = spawn('taskset', ['-c', SERVER_CORE, process.execPath, ...nodeArgs, resolve(ROOT, script), ...args], {
    cwd: ROOT,
    env: { PATH: process.env['PATH'], HOME: process.env['HOME'], NODE_ENV: 'production', METRICS: 'on', ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const exited = once(child, 'exit')
  const url = await new Promise<string>((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`The server ${script} was not ready within ${READY_MS} ms.`)), READY_MS)
    createInterface({ input: child.stdout }).on('line', (line) => {
      const found = /"url":"([^"]+)".*"msg":"ready"/.exec(line)?.[1]
      if (found === undefined) return
      clearTimeout(timer)
      resolve(found)
    })
    child.on('error', reject)
    child.on('exit', () => reject(new Error(`The server ${script} ended before it was ready.`)))
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
    stop: async (signal = 'SIGTERM') => {
      child.kill(signal)
      await exited
    },
  }
}
