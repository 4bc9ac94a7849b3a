/**
 * Runs the simulation with many seeds. Exits with code 1 when an answer was wrong, or, with `--variants`, when the simulation found no
 * wrong answer of a broken variant.
 *
 *     npm run sim -- --seeds 10000 --seed 1
 *     npm run sim -- --seeds 1000000 --minutes 30
 *     npm run sim -- --variants --seeds 4000
 */
import { parseArgs } from 'node:util'
import { runSeeds } from './run.ts'
import { brokenVariants } from './variants.ts'

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '1000' },
    seed: { type: 'string', default: '1' },
    minutes: { type: 'string', default: '1000' },
    variants: { type: 'boolean', default: false },
  },
})
const firstSeed = Number(values.seed)
const seeds = Number(values.seeds)
const say = (line: string) => process.stdout.write(`${line}\n`)

if (values.variants) {
  for (const variant of Object.keys(brokenVariants)) {
    const { wrong } = await runSeeds({ firstSeed, seeds, variant, untilWrong: true })
    const [first] = wrong
    say(`${first ? `seed ${first.seed}` : 'NOT NOTICED'}: ${variant}`)
    if (!first) process.exitCode = 1
  }
} else {
  const report = await runSeeds({ firstSeed, seeds, maxMs: Number(values.minutes) * 60_000 })
  for (const { seed, violations } of report.wrong) say(`seed ${seed}: ${violations.join('\n  ')}`)
  say(`${report.seeds} seeds, ${report.wrong.length} with wrong answers; reads by layer: ${JSON.stringify(report.served)}`)
  if (report.wrong.length > 0) process.exitCode = 1
}
