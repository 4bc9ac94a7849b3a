import { advise } from '#src/operations/admin/figures/advice.ts'
import type { Recommendation } from '#src/operations/admin/figures/advice-options.ts'
import { recommendation } from '#src/operations/admin/schemas/figures.ts'
import type { Happening } from './market.ts'
import type { Plant } from './plants.ts'
import { run } from './run.ts'
import { applied, type SetUp } from './set-up.ts'

/** One piece of advice that was followed, and what it brought. */
export interface Step {
  readonly code: string
  readonly promised: number
  readonly measured: number
}

export interface Judgement {
  /** Fault of the advice; undefined if nothing is. */
  readonly problem: string | undefined
  readonly steps: readonly Step[]
}

export interface JudgeOptions {
  /** Traffic that the advisor sees. */
  readonly seen: readonly Happening[]
  /** Traffic on which its advice is measured. */
  readonly measured: readonly Happening[]
  /** Field hit rates of the tuned set-up on the measured traffic, points: with a shared tier, and without. */
  readonly best: { readonly shared: number; readonly alone: number }
  readonly advisor?: typeof advise
}

/** Returns the field hit rates of a tuned set-up. */
export async function bestOf(tuned: SetUp, happenings: readonly Happening[]): Promise<JudgeOptions['best']> {
  const pointsOf = async (isShared: boolean) => (await run({ ...tuned, isShared }, happenings)).points
  return { shared: await pointsOf(true), alone: await pointsOf(false) }
}

/** Maximum number of pieces of advice until the set-up is as good as the tuned one. */
const MAX_STEPS = 4
/** Points of the field hit rate by which the result of all advice may be below the tuned set-up. */
const MAX_LEFT = 2

/**
 * Follows the advice about a planted mistake until nothing is recommended any more. The first advice must be the expected one, the gain of each must
 * be measured, and the hit rate of the tuned set-up must be reached.
 */
export async function judge(
  { plant, code, subject, text }: Plant,
  tuned: SetUp,
  { seen, measured, best, advisor = advise }: JudgeOptions,
): Promise<Judgement> {
  const steps: Step[] = []
  const failed = (problem: string): Judgement => ({ problem, steps })
  let setUp = plant(tuned)
  const isSame = seen === measured
  let before = await run(setUp, measured, advisor)
  for (;;) {
    const { recommendations } = isSame ? before : await run(setUp, seen, advisor)
    // Advice without a text is left to a person.
    const first = recommendations.find(({ snippets }) => snippets.length > 0)
    if (!first) break
    if (steps.length === MAX_STEPS) return failed(`there is advice after ${MAX_STEPS} steps: ${first.code} of ${first.subject}`)
    recommendation.parse(first)
    if (first.subject !== subject || (steps.length === 0 && first.code !== code))
      return failed(`found was ${first.code} of ${first.subject}`)
    if (steps.length === 0 && !first.snippets.some((snippet) => text.test(snippet.text)))
      return failed(`no text matches: ${JSON.stringify(first.snippets)}`)
    setUp = applied(setUp, first)
    const after = await run(setUp, measured, advisor)
    const step = { code: first.code, promised: promisedBy(first), measured: after.points - before.points }
    steps.push(step)
    if (!isKept(step))
      return failed(`${first.code}: promised were ${step.promised.toFixed(2)} points, measured ${step.measured.toFixed(2)}`)
    before = after
  }
  if (steps.length === 0) return failed('nothing was found')
  const left = (setUp.isShared ? best.shared : best.alone) - before.points
  return { problem: left > MAX_LEFT ? `${left.toFixed(2)} points are left to the tuned set-up` : undefined, steps }
}

/** Returns the points that a recommendation promises, without those that it costs. */
function promisedBy({ gain, cost }: Recommendation): number {
  return (gain.points ?? 0) - (cost.unit === 'points' ? (cost.amount ?? 0) : 0)
}

/** Whether a gain is within half a point of what was measured, or within a quarter of it. */
function isKept({ promised, measured }: Step): boolean {
  return Math.abs(promised - measured) <= Math.max(0.5, 0.25 * Math.abs(measured))
}
