import { stripVTControlCharacters } from 'node:util'
import { type Need, requirements } from './availability.ts'

/**
 * Reason why a test was not run. `unknown` means that it was skipped in the source, by a filter, or because a hook
 * failed.
 */
export type Reason = Need | 'unknown'

export interface Closing {
  /** One line for each reason. The last of these lines is the last line that the run prints. */
  readonly lines: readonly string[]
  readonly failed: boolean
}

/**
 * Returns the last lines of a run, about the tests that were not run. @param isCi Whether tests that were not run count
 * as a failure.
 */
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

export interface Failure {
  /** Path of the file, relative to the root of the project. */
  readonly file: string
  /** Full name of the test or suite; empty if the file itself failed. */
  readonly name: string
  readonly messages: readonly string[]
}

const MAX_FAILURES = 10
const MAX_MESSAGE_LENGTH = 400

/** Returns two lines for each failure, and one line with the number of further failures if there are many. */
export function failureLines(failures: readonly Failure[]): readonly string[] {
  const shown = failures.slice(0, MAX_FAILURES).flatMap(({ file, name, messages }) => {
    const message = stripVTControlCharacters(messages.join(' | ')).replaceAll(/\s+/g, ' ')
    return [`FAILED ${[file, name].filter(Boolean).join(' > ')}`, `  ${message.slice(0, MAX_MESSAGE_LENGTH)}`]
  })
  return failures.length > MAX_FAILURES ? [...shown, `and ${failures.length - MAX_FAILURES} more failed`] : shown
}
