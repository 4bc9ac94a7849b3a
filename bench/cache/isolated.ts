import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import type { Turn } from './measure.ts'

export interface IsolatedTurn extends Turn {
  close(): Promise<void>
}

/**
 * Runs a contestant in a process of its own, so that neither the garbage of other contestants nor the compiler's profile of their code
 * affects it. The child process sends `ready` when it is ready. After that, it makes one measurement for each message that it gets, and
 * sends the measured number.
 * @param script Script of the process; see {@link answerTurns}.
 * @throws when the process ends before it is ready.
 */
export async function isolate(name: string, script: URL, args: readonly string[]): Promise<IsolatedTurn> {
  const child = fork(script, [...args], { execArgv: ['--expose-gc', '--max-old-space-size=4096'] })
  await answerOf(child, name)
  return {
    name,
    run: async () => {
      child.send('turn')
      return Number(await answerOf(child, name))
    },
    close: async () => {
      if (child.exitCode !== null) return
      const exited = once(child, 'exit')
      child.disconnect()
      await exited
    },
  }
}

/** Child side of {@link isolate}: makes one measurement for each message of the parent, until the parent disconnects. */
export function answerTurns(takeTurn: () => Promise<number>, close: () => Promise<void>): void {
  process.on('message', () => {
    takeTurn().then(
      (measured) => process.send?.(measured),
      (error: unknown) => {
        process.emitWarning(error instanceof Error ? error : String(error))
        process.exit(1)
      },
    )
  })
  process.on('disconnect', () => {
    void close().finally(() => process.exit())
  })
  process.send?.('ready')
}

async function answerOf(child: ChildProcess, name: string): Promise<unknown> {
  const waiting = new AbortController()
  const { signal } = waiting
  const left = once(child, 'exit', { signal }).then(() =>
    Promise.reject(new Error(`The process that measures ${name} ended before it sent a result.`)),
  )
  try {
    const [answer] = await Promise.race([once(child, 'message', { signal }), left])
    return answer
  } finally {
    waiting.abort()
  }
}
