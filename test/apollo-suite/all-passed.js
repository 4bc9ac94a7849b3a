/** Number of tests in Apollo's suite that run with graphql 16. The other tests of the suite need graphql 17 and are skipped. */
const EXPECTED = 246

/** Fails the run if fewer or more tests than expected were executed, because Jest itself fails only for failed tests. */
export default class AllPassed {
  onRunComplete(_, { numPassedTests, numFailedTests }) {
    if (numPassedTests + numFailedTests !== EXPECTED)
      this.error = new Error(`Expected ${EXPECTED} tests, got ${numPassedTests + numFailedTests}.`)
  }

  getLastError() {
    return this.error
  }
}
