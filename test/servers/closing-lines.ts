import { type Need, requirements } from './availability.ts'

/** A test that no need accounts for was skipped in the source, by a filter, or because a hook before it failed. */
export type Reason = Need | 'unknown'

export interface Closing {
  /** One line for each reason. The last one is the last line of the run. */
  readonly lines: readonly string[]
  readonly failed: boolean
}

/** Returns what the run says at its end about the tests that were not run. @param isCi Whether tests that were not run are a failure. */
export function closing(reasons: readonly Reason[], isCi: boolean): Closing {
  if (reasons.length === 0) return { lines: ['0 tests not run'], failed: false }
  const order: readonly Reason[] = ['unknown', ...namesOfNeeds()]
  const present = order.filter((reason) => reasons.includes(reason))
  const lines = present.map((reason) => {
    const count = reasons.filter((other) => other === reason).length
    const ending = isCi && failsCi(reason) ? '; with CI=true this is a failure' : ''
    return `${count} ${count === 1 ? 'test' : 'tests'} not run: ${explain(reason)}${ending}`
  })
  return { lines, failed: isCi && present.some(failsCi) }
}

const namesOfNeeds = () => Object.keys(requirements) as Need[]
const failsCi = (reason: Reason) => reason === 'unknown' || requirements[reason].isRequiredByCi
const explain = (reason: Reason) =>
  reason === 'unknown' ? 'skipped in the source, by a filter, or after a failed hook' : `need ${requirements[reason].remedy}`
