import { HttpClient } from '../api/http-client.ts'
import { LoadError } from '../load-error.ts'
import type { Tags } from '../metrics/registry.ts'

/** Facts about the current iteration. A script reads them from `k6/execution`. */
export interface Iteration {
  /** Name of the scenario; empty while `setup` or `teardown` runs. */
  readonly scenario: string
  /** Start of the scenario, Unix epoch ms. */
  readonly scenarioStartedAt: number
  /** Number of the iteration within its scenario, counted from 0. */
  readonly number: number
}

/** A virtual user. It runs one iteration at a time, and has connections and script modules of its own. */
export class VirtualUser {
  /** Number of the virtual user. The user with the number 0 runs `setup`, `teardown` and `handleSummary`. */
  readonly id: number
  readonly http = new HttpClient()
  iteration: Iteration = { scenario: '', scenarioStartedAt: 0, number: 0 }
  readonly #onAbort: (error: LoadError) => void
  #phase = ''

  constructor(id: number, onAbort: (error: LoadError) => void) {
    this.id = id
    this.#onAbort = onAbort
  }

  enter(phase: '::setup' | '::teardown'): void {
    this.#phase = phase
  }

  tags(): Tags {
    return { group: this.#phase, scenario: this.iteration.scenario }
  }

  /** Ends the load test, as `exec.test.abort` of k6 does. */
  abortTest(reason = 'no reason given'): never {
    const error = new LoadError('SCRIPT_ABORTED', `The script aborted the test: ${reason}`)
    this.#onAbort(error)
    throw error
  }
}
