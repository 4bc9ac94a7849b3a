import { once } from 'node:events'
import { start } from '../e2e/gateway.ts'

export interface FailedStart {
  readonly code: number | null
  /** Lines that the process printed to standard error. */
  readonly lines: readonly string[]
}

/** Starts a gateway whose start must fail, and waits until it exits. */
export async function failedStart(env: Readonly<Record<string, string>>, args: readonly string[] = []): Promise<FailedStart> {
  const { process } = await start(env, args)
  let text = ''
  process.stderr?.setEncoding('utf8').on('data', (part: string) => {
    text += part
  })
  // Unlike `exit`, `close` is emitted after all output has been read.
  const [code] = await once(process, 'close')
  return { code, lines: text.split('\n').filter(Boolean) }
}
