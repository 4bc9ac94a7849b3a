import type { ParseArgsOptionsConfig } from 'node:util'
import type { ApiClient } from './api-client.ts'
import type { ExitCode } from './failure.ts'
import type { Terminal } from './terminal.ts'

/** An option of a command. */
export interface Option {
  readonly type: 'boolean' | 'string'
  readonly short?: string
  readonly multiple?: boolean
  /** Placeholder of the value in the help, such as `TAG`. */
  readonly value?: string
  readonly meaning: string
  /** Words that the shell completes the value with. */
  readonly words?: readonly string[]
}

export type OptionValues = Readonly<Record<string, string | boolean | readonly (string | boolean)[] | undefined>>

/** Everything that a command works with. */
export interface CommandContext {
  readonly terminal: Terminal
  readonly options: Arguments
  /** Connects to the management API. @throws CommandFailure if no address or no token is known. */
  connect(): Promise<ApiClient>
  /** Current time, ms since 1970. */
  now(): number
  /** Waits. Rejects with the reason of the signal if the command is interrupted. */
  pause(ms: number): Promise<void>
}

/** A subcommand. */
export interface Command {
  readonly name: string
  /** One sentence for the list of commands. */
  readonly summary: string
  /** Positional arguments in the usage line, such as `[TAG …]`. */
  readonly positionals: string
  /** Whether the positional arguments are tags, which the shell completes. */
  readonly completesTags?: boolean
  readonly options: Readonly<Record<string, Option>>
  /** Lines for the end of the help: examples. */
  readonly examples: readonly string[]
  run(context: CommandContext): Promise<ExitCode>
}

/** Parsed arguments of a command. */
export class Arguments {
  readonly #values: OptionValues
  readonly positionals: readonly string[]

  constructor(values: OptionValues, positionals: readonly string[]) {
    this.#values = values
    this.positionals = positionals
  }

  flag(name: string): boolean {
    return this.#values[name] === true
  }

  text(name: string): string | undefined {
    const value = this.#values[name]
    return typeof value === 'string' ? value : undefined
  }

  texts(name: string): readonly string[] {
    const value = this.#values[name]
    return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : []
  }
}

/** Returns the options in the form that `parseArgs` of node:util reads. */
export function parseArgsOptions(options: Readonly<Record<string, Option>>): ParseArgsOptionsConfig {
  return Object.fromEntries(
    Object.entries(options).map(([name, { type, short, multiple }]) => [
      name,
      { type, ...(short === undefined ? {} : { short }), ...(multiple === undefined ? {} : { multiple }) },
    ]),
  )
}
