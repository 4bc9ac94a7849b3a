import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { installCommand } from './install-command.ts'

export interface RedisProcess {
  readonly port: number
  stop(): Promise<void>
}

/** Starts redis-server with the given settings in a temporary folder. `sentinel` starts it as a sentinel. */
export async function runRedis(
  port: number,
  settings: readonly string[],
  options: { readonly sentinel?: boolean } = {},
): Promise<RedisProcess> {
  const folder = await mkdtemp(join(tmpdir(), 'tidegate-redis-'))
  const file = join(folder, 'redis.conf')
  await writeFile(file, [`dir ${folder}`, 'bind 127.0.0.1', 'save ""', ...settings].join('\n'))
  const child = spawn('redis-server', [file, ...(options.sentinel ? ['--sentinel'] : [])], { stdio: 'ignore' })
  await hasStarted(child)
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

/** Resolves when the program runs. @throws if it is not installed; the error names the command that installs it. */
export async function hasStarted(child: ChildProcess): Promise<void> {
  await once(child, 'spawn').catch((cause) => {
    throw new Error(installCommand('redis', process.platform), { cause })
  })
}
