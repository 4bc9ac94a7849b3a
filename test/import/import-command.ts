import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

const root = join(import.meta.dirname, '../..')
const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { readonly scripts: { readonly 'db:import': string } }

export interface CommandResult {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

/**
 * Runs the program of `npm run db:import` with the same flags of Node as that script.
 * @param flags Additional flags of Node.
 */
export function runImport(
  argv: readonly string[],
  env: Readonly<Record<string, string>>,
  flags: readonly string[] = [],
): Promise<CommandResult> {
  const [node, ...own] = scripts['db:import'].split(' ')
  if (node !== 'node') throw new Error(`Expected db:import to run node, got ${node}: run it here in the same way.`)
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      [...flags, ...own, ...argv],
      { cwd: root, env: { PATH: process.env['PATH'], ...env } },
      (error, stdout, stderr) => {
        resolve({ code: typeof error?.code === 'number' ? error.code : error ? -1 : 0, stdout, stderr })
      },
    )
  })
}
