/** Runs the simulation for longer: `npm run sim -- --seeds 10000 --seed 1`. Exit code 1 when an answer was wrong. */
import { parseArgs } from 'node:util'
import { simulate } from './simulation.ts'

const { values } = parseArgs({ options: { seeds: { type: 'string', default: '1000' }, seed: { type: 'string', default: '1' } } })
const first = Number(values.seed)
const count = Number(values.seeds)
const served: Record<string, number> = {}
let wrong = 0
for (let seed = first; seed < first + count; seed++) {
  const report = await simulate(seed)
  for (const [layer, reads] of Object.entries(report.served)) served[layer] = (served[layer] ?? 0) + reads
  if (report.violations.length === 0) continue
  wrong++
  process.stdout.write(`seed ${seed}: ${report.violations.join('\n  ')}\n`)
}
process.stdout.write(`${count} seeds, ${wrong} with wrong answers; reads by layer: ${JSON.stringify(served)}\n`)
process.exitCode = wrong === 0 ? 0 : 1
