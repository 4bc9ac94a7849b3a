import { once } from 'node:events'
import { start } from '../e2e/gateway.ts'

export interface FailedStart {
  readonly code: number | null
  /** What it printed on standard error. */
  readonly lines: readonly string[]
}

/** Starts what cannot start, and waits for its end. */
export async function failedStart(env: Readonly<Record<string, string>>, args: readonly string[] = []): Promise<FailedStart> {
  const { process } = await start(env, args)
  let text = ''
  process.stderr?.setEncoding('utf8').on('data', (part: string) => {
    text += part
  })
  // Unlike `exit`, `close` comes once all output has been read.
  const [code] = await once(process, 'close')
  return { code, lines: text.split('\n').filter(Boolean) }
}
