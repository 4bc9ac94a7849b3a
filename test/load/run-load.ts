import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { compileCache } from '../servers/compile-cache.ts'

const ROOT = join(import.meta.dirname, '../..')

export interface LoadRun {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

/** Error with which a script ended. */
export interface ScriptOutcome {
  readonly code: string
  readonly exitCode: number
  readonly message: string
}

/** Runs scripts one after another in a single process, which is faster than one process per script. */
export async function runScripts(files: readonly string[]): Promise<readonly ScriptOutcome[]> {
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', join(import.meta.dirname, 'run-scripts.ts'), ...files], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  return JSON.parse(await text(child.stdout))
}

/**
 * Runs `npm run load` with only PATH from this process's environment.
 * @param interruptAt Text in the output of the process at which it gets SIGINT.
 */
export async function runLoad(args: readonly string[], env: Readonly<Record<string, string>> = {}, interruptAt?: string): Promise<LoadRun> {
  const command = ['--disable-warning=ExperimentalWarning', join(ROOT, 'load/main.ts'), ...args]
  const child = spawn(process.execPath, command, {
    cwd: ROOT,
    env: { PATH: process.env['PATH'], HOME: process.env['HOME'], ...compileCache, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  child.stderr.on('data', (part: Buffer) => {
    if (interruptAt !== undefined && part.includes(interruptAt)) child.kill('SIGINT')
  })
  const [stdout, stderr, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')])
  return { code: code as number, stdout, stderr }
}
