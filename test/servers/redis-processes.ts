import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export interface RedisProcess {
  readonly port: number
  stop(): Promise<void>
}

const INSTALL = 'Tests need redis-server. Install it with: apt-get install redis-server'

/** A redis-server with these settings, in a temporary folder. `sentinel` makes it a sentinel. */
export async function runRedis(
  port: number,
  settings: readonly string[],
  options: { readonly sentinel?: boolean } = {},
): Promise<RedisProcess> {
  const folder = await mkdtemp(join(tmpdir(), 'tidegate-redis-'))
  const file = join(folder, 'redis.conf')
  await writeFile(file, [`dir ${folder}`, 'bind 127.0.0.1', 'save ""', ...settings].join('\n'))
  const child = spawn('redis-server', [file, ...(options.sentinel ? ['--sentinel'] : [])], { stdio: 'ignore' })
  await Promise.race([once(child, 'spawn'), once(child, 'error').then(() => Promise.reject(new Error(INSTALL)))])
  return {
    port,
    stop: async () => {
      if (child.exitCode === null) {
        const exited = once(child, 'exit')
        child.kill('SIGKILL')
        await exited
      }
      await rm(folder, { recursive: true, force: true })
    },
  }
}
