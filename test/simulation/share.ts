/** One process of the simulation: is sent its share of the seeds, sends back what it found, ends. */
import { simulate } from './simulation.ts'
import { brokenVariants } from './variants.ts'

export interface Share {
  readonly firstSeed: number
  readonly lastSeed: number
  readonly step: number
  readonly variant: string
  readonly untilWrong: boolean
  readonly mostMs: number
}

export interface ShareReport {
  readonly seeds: number
  readonly wrong: readonly { readonly seed: number; readonly violations: readonly string[] }[]
  readonly served: Readonly<Record<string, number>>
}

process.once('message', async ({ firstSeed, lastSeed, step, variant, untilWrong, mostMs }: Share) => {
  const endsAt = performance.now() + mostMs
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
