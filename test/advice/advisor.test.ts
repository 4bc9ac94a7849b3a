import { describe, expect, it } from 'vitest'
import { advise } from '#src/operations/admin/figures/advice.ts'
import type { Recommendation } from '#src/operations/admin/figures/advice-options.ts'
import { recommendation } from '#src/operations/admin/schemas/figures.ts'
import { TUNED, traffic } from './market.ts'
import { type Plant, PLANTS } from './plants.ts'
import { run } from './run.ts'
import { applied, type SetUp } from './set-up.ts'

const tuned: SetUp = { sdl: TUNED, overrides: {}, memoryBytes: 2 ** 26, isShared: true }
const happenings = traffic(1, 150)

/** Returns the points that a recommendation promises, without those that it costs. */
function promisedBy({ gain, cost }: Recommendation): number {
  return (gain.points ?? 0) - (cost.unit === 'points' ? (cost.amount ?? 0) : 0)
}

/** Says what is wrong with the advice about a mistake; undefined if nothing is. */
async function judge({ plant, code, subject, text }: Plant, advisor = advise): Promise<string | undefined> {
  const mistaken = plant(tuned)
  const before = await run(mistaken, happenings, advisor)
  const [first] = before.recommendations
  if (!first) return 'nothing was found'
  recommendation.parse(first)
  if (first.code !== code || first.subject !== subject) return `found was ${first.code} of ${first.subject}`
  if (!text.test(first.snippets[0]?.text ?? '') && !first.snippets.some((snippet) => text.test(snippet.text))) return `the text is ${first.snippets[0]?.text}`
  const after = await run(applied(mistaken, first), happenings, advisor)
  const [promised, measured] = [promisedBy(first), after.points - before.points]
  console.log(`${code} ${subject}: ${before.points.toFixed(1)} -> ${after.points.toFixed(1)}; promised ${promised.toFixed(2)} measured ${measured.toFixed(2)} text ${first.snippets[0]?.text} left ${after.recommendations.map((one) => one.code + one.subject + one.gain.points)}`)
  if (Math.abs(promised - measured) > Math.max(0.5, 0.25 * Math.abs(measured)))
    return `promised were ${promised.toFixed(2)} points, measured ${measured.toFixed(2)}`
  const again = after.recommendations.find((one) => one.subject === subject)
  return again && `the advice that was followed leads to ${again.code} of ${again.subject}`
}

describe('The advisor', () => {
  it.each(PLANTS)('finds $mistake, with the right remedy and its gain, and is satisfied when its advice is followed.', async (plant) => {
    expect(await judge(plant)).toBeUndefined()
  })

  it.each([1, 2, 3])('recommends nothing for the tuned schema, whatever chance brings (seed %i).', async (seed) => {
    const { recommendations } = await run(tuned, traffic(seed, 150))
    expect(recommendations).toEqual([])
  })
})
