import { parseArgs } from 'node:util'
import { Arguments, type Command, type CommandContext, type OptionValues, parseArgsOptions } from './command.ts'
import { CommandFailure, EXIT, type ExitCode, UsageFailure } from './failure.ts'
import { COMMON_OPTIONS, helpOf, overview } from './help.ts'
import { paragraph } from './layout.ts'
import { styled, type Terminal } from './terminal.ts'

export interface CommandLineOptions extends Omit<CommandContext, 'options' | 'connect'> {
  readonly commands: readonly Command[]
  readonly connect: (options: Arguments) => ReturnType<CommandContext['connect']>
}

/** Runs the command that the arguments name. Returns the exit code. An expected failure prints one sentence and a remedy. */
export async function runCommandLine(args: readonly string[], options: CommandLineOptions): Promise<ExitCode> {
  const { commands, terminal } = options
  const [name, ...rest] = args
  try {
    if (name === undefined) {
      terminal.writeError(overview(commands, terminal.columns))
      return EXIT.usage
    }
    if (name === 'help' || name === '--help' || name === '-h') {
      terminal.write(overview(commands, terminal.columns))
      return EXIT.done
    }
    const command = commands.find((candidate) => candidate.name === name)
    if (!command)
      throw new UsageFailure(`There is no command "${name}".`, `Use one of: ${commands.map((candidate) => candidate.name).join(', ')}.`)
    const given = parse(command, rest)
    if (given.flag('help')) {
      terminal.write(helpOf(command, terminal.columns))
      return EXIT.done
    }
    return await command.run({ ...options, options: given, connect: () => options.connect(given) })
  } catch (error) {
    if (!(error instanceof CommandFailure)) throw error
    explain(terminal, error)
    return error.exitCode
  }
}

function parse({ name, options, positionals: expected }: Command, args: readonly string[]): Arguments {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      options: parseArgsOptions({ ...options, ...COMMON_OPTIONS }),
      allowPositionals: expected !== '',
    })
    return new Arguments(values as OptionValues, positionals)
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS'))) throw error
    const [message = error.message] = error.message.split(/\. (?:To specify|This command)/)
    throw new UsageFailure(message.endsWith('.') ? message : `${message}.`, `tidegate ${name} --help lists the options.`)
  }
}

function explain(terminal: Terminal, { message, remedy }: CommandFailure): void {
  const lines = [
    ...paragraph(message, terminal.columns, `${styled(terminal, 'red', 'error')}  `),
    ...paragraph(remedy, terminal.columns, '       → ', '         '),
  ]
  terminal.writeError(`${lines.join('\n')}\n`)
}
