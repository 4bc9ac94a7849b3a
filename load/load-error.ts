/** Exit codes of k6, by the reason why the process ends. */
export const EXIT = {
  thresholdsCrossed: 99,
  setupTimeout: 100,
  teardownTimeout: 101,
  invalidConfig: 104,
  externalAbort: 105,
  scriptException: 107,
  scriptAborted: 108,
} as const

export type LoadErrorCode =
  | 'UNSUPPORTED'
  | 'INVALID_OPTIONS'
  | 'SCRIPT_FAILED'
  | 'SCRIPT_ABORTED'
  | 'SETUP_TIMEOUT'
  | 'TEARDOWN_TIMEOUT'
  | 'USAGE'
  | 'GATEWAY'

const EXIT_CODES: Readonly<Record<LoadErrorCode, number>> = {
  UNSUPPORTED: EXIT.scriptException,
  INVALID_OPTIONS: EXIT.invalidConfig,
  SCRIPT_FAILED: EXIT.scriptException,
  SCRIPT_ABORTED: EXIT.scriptAborted,
  SETUP_TIMEOUT: EXIT.setupTimeout,
  TEARDOWN_TIMEOUT: EXIT.teardownTimeout,
  USAGE: 2,
  GATEWAY: 1,
}

/** An error that ends a load test before the test has a result. */
export class LoadError extends Error {
  readonly code: LoadErrorCode

  constructor(code: LoadErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'LoadError'
    this.code = code
  }

  get exitCode(): number {
    return EXIT_CODES[this.code]
  }
}
