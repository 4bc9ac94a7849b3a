import { fork } from 'node:child_process'
import { availableParallelism } from 'node:os'
import type { Share, ShareReport } from './share.ts'

export interface RunReport {
  readonly seeds: number
  /** Seeds whose runs had wrong answers, and descriptions of these answers. */
  readonly wrong: readonly { readonly seed: number; readonly violations: readonly string[] }[]
  readonly served: Readonly<Record<string, number>>
}

export interface RunOptions {
  readonly firstSeed: number
  readonly seeds: number
  /** Name of the broken variant of the protocol to run; undefined for the real protocol. */
  readonly variant?: string
  /** Whether the run stops at the first wrong answer. */
  readonly untilWrong?: boolean
  /** Time after which the run stops even if not all seeds were run, ms. */
  readonly maxMs?: number
}

/** Runs the simulation for all seeds, in as many processes as there are cores. */
export async function runSeeds(options: RunOptions): Promise<RunReport> {
  const processes = availableParallelism()
  const found = new AbortController()
  const reports = await Promise.all(
    Array.from({ length: processes }, (_, offset) => {
      const { firstSeed, seeds, variant = '', untilWrong = false, maxMs = Number.MAX_SAFE_INTEGER } = options
      return runShare(
        { firstSeed: firstSeed + offset, lastSeed: firstSeed + seeds - 1, step: processes, variant, untilWrong, maxMs },
        found,
      )
    }),
  )
  const served: Record<string, number> = {}
  for (const report of reports) for (const [layer, reads] of Object.entries(report.served)) served[layer] = (served[layer] ?? 0) + reads
  return {
    seeds: reports.reduce((sum, { seeds }) => sum + seeds, 0),
    wrong: reports.flatMap(({ wrong }) => wrong).sort((a, b) => a.seed - b.seed),
    served,
  }
}

/**
 * Runs a share of the seeds in a child process.
 * @param found Aborted when one process has found a wrong answer, which stops the other processes.
 */
function runShare(share: Share, found: AbortController): Promise<ShareReport> {
  return new Promise((resolve, reject) => {
    const child = fork(new URL('share.ts', import.meta.url), { execArgv: [] })
    found.signal.addEventListener('abort', () => {
      child.kill()
      resolve({ seeds: 0, wrong: [], served: {} })
    })
    child.on('message', (message) => {
      const report = message as ShareReport
      resolve(report)
      if (share.untilWrong && report.wrong.length > 0) found.abort()
    })
    child.on('error', reject)
    child.on('exit', (code) => reject(new Error(`A process of the simulation ended with code ${code}.`)))
    child.send(share)
  })
}
