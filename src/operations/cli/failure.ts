/** Exit codes of all commands. docs/command-line.md explains them. */
export const EXIT = {
  /** The command did what it was asked to do. */
  done: 0,
  /** The command found errors, or did not do everything that it was asked to do. */
  failed: 1,
  /** The arguments are wrong. Nothing was done. */
  usage: 2,
  /** The management API cannot be reached, or refuses the caller. Nothing was done. */
  unavailable: 3,
} as const

export type ExitCode = (typeof EXIT)[keyof typeof EXIT]

/** Error that ends a command. Its message is one sentence about what is wrong, and the remedy says what to do. */
export class CommandFailure extends Error {
  override readonly name = 'CommandFailure'
  readonly remedy: string
  readonly exitCode: ExitCode

  constructor(exitCode: ExitCode, message: string, remedy: string) {
    super(message)
    this.exitCode = exitCode
    this.remedy = remedy
  }
}

/** Error for wrong arguments. */
export class UsageFailure extends CommandFailure {
  constructor(message: string, remedy: string) {
    super(EXIT.usage, message, remedy)
  }
}
