/**
 * Main program of one child process of the simulation. It receives a share of the seeds, runs the simulation for each of them, sends the
 * results, and exits.
 */
import { simulate } from './simulation.ts'
import { brokenVariants } from './variants.ts'

export interface Share {
  readonly firstSeed: number
  readonly lastSeed: number
  readonly step: number
  readonly variant: string
  readonly untilWrong: boolean
  readonly maxMs: number
}

export interface ShareReport {
  readonly seeds: number
  readonly wrong: readonly { readonly seed: number; readonly violations: readonly string[] }[]
  readonly served: Readonly<Record<string, number>>
}

process.once('message', async ({ firstSeed, lastSeed, step, variant, untilWrong, maxMs }: Share) => {
  const endsAt = performance.now() + maxMs
  const served: Record<string, number> = {}
  const wrong: { seed: number; violations: readonly string[] }[] = []
  let seeds = 0
  for (let seed = firstSeed; seed <= lastSeed && performance.now() < endsAt; seed += step) {
    const report = await simulate(seed, brokenVariants[variant])
    seeds++
    for (const [layer, reads] of Object.entries(report.served)) served[layer] = (served[layer] ?? 0) + reads
    if (report.violations.length > 0) wrong.push({ seed, violations: report.violations })
    if (untilWrong && wrong.length > 0) break
  }
  process.send?.({ seeds, wrong, served } satisfies ShareReport, () => process.disconnect())
})
