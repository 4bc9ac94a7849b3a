import type { Reporter, TestCase, TestModule } from 'vitest/node'
import { closing, failureLines, type Reason } from './closing-lines.ts'

/**
 * Prints each failed test with the first lines of its error, so that the end of a long log shows all failures. The last
 * lines say how many tests were not run and why. With CI=true such tests make the run fail.
 */
export class ClosingReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const failures = failureLines(modules.flatMap(failuresOf))
    const reasons = modules.flatMap((module) => [...module.children.allTests('skipped')].map(reasonOf))
    const { lines, failed } = closing(reasons, process.env['CI'] === 'true')
    process.stdout.write(`${[...failures, ...lines].join('\n')}\n`)
    if (failed) process.exitCode = 1
  }
}

/** Returns the failures in a file: its failed tests, and the file or suites whose hooks or imports threw. */
function failuresOf(module: TestModule) {
  const suites = [module, ...module.children.allSuites()].filter((suite) => suite.errors().length > 0)
  return [
    ...suites.map((suite) => ({ name: suite.type === 'module' ? '' : suite.fullName, messages: messagesOf(suite.errors()) })),
    ...[...module.children.allTests('failed')].map((test) => ({ name: test.fullName, messages: messagesOf(test.result().errors ?? []) })),
  ].map(({ name, messages }) => ({ file: module.relativeModuleId, name, messages }))
}

const messagesOf = (errors: readonly { readonly message: string }[]) => errors.map(({ message }) => message)

/** Returns the need that `needs` recorded for the outermost suite that has one, or for the test. */
function reasonOf(test: TestCase): Reason {
  let reason: Reason = test.meta().missing ?? 'unknown'
  for (let suite = test.parent; suite.type === 'suite'; suite = suite.parent) reason = suite.meta().missing ?? reason
  return reason
}
