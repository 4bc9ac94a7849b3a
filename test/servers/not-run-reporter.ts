import type { Reporter, TestCase, TestModule } from 'vitest/node'
import { closing, type Reason } from './closing-lines.ts'

/** Prints, as the last lines of a run, how many tests were not run and why. With CI=true such tests fail the run. */
export class NotRunReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const reasons = modules.flatMap((module) => [...module.children.allTests('skipped')].map(reasonOf))
    const { lines, failed } = closing(reasons, process.env['CI'] === 'true')
    process.stdout.write(`${lines.join('\n')}\n`)
    if (failed) process.exitCode = 1
  }
}

/** Returns the need noted where `needs` stands: at the outermost suite that has one, or at the test. */
function reasonOf(test: TestCase): Reason {
  let reason: Reason = test.meta().missing ?? 'unknown'
  for (let suite = test.parent; suite.type === 'suite'; suite = suite.parent) reason = suite.meta().missing ?? reason
  return reason
}
