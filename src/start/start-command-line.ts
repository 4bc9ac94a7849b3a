import { readFile } from 'node:fs/promises'
import { createInterface } from 'node:readline/promises'
import { setTimeout as pause } from 'node:timers/promises'
import { systemEnv } from '../engine/cache/model/env.ts'
import type { Command } from '../operations/cli/command.ts'
import { createCompletionCommand } from '../operations/cli/commands/completion.ts'
import { createDoctorCommand } from '../operations/cli/commands/doctor.ts'
import { experiments } from '../operations/cli/commands/experiments.ts'
import { createExplainCommand } from '../operations/cli/commands/explain.ts'
import { invalidations } from '../operations/cli/commands/invalidations.ts'
import { purge } from '../operations/cli/commands/purge.ts'
import { report } from '../operations/cli/commands/report.ts'
import { stats } from '../operations/cli/commands/stats.ts'
import { createWarmCommand } from '../operations/cli/commands/warm.ts'
import type { ExitCode } from '../operations/cli/failure.ts'
import { runCommandLine } from '../operations/cli/run-command-line.ts'
import type { Terminal } from '../operations/cli/terminal.ts'

const DEFAULT_COLUMNS = 80

/** Runs a command of the command line `tidegate`. Returns the exit code. */
export function startCommandLine(args: readonly string[]): Promise<ExitCode> {
  const { env } = process
  return runCommandLine(args, {
    terminal: createTerminal(),
    commands: createCommands(env),
    // The configuration and the tokens are loaded only by commands that use the management API.
    connect: async (options) => (await import('./connect-to-gateway.ts')).connectToGateway(options, env),
    now: systemEnv.now,
    pause: (ms) => pause(ms),
  })
}

/** Creates all commands. @param env Environment in which `doctor` reads the configuration. */
export function createCommands(env: NodeJS.ProcessEnv): readonly Command[] {
  const read = (path: string) => readFile(path, 'utf8')
  const commands = [
    stats,
    report,
    createExplainCommand(read),
    invalidations,
    purge,
    createWarmCommand(read),
    experiments,
    // The checks load the drivers and the whole market, which the other commands do not need.
    createDoctorCommand(async (targets) => (await import('./examine.ts')).examine(targets, env)),
  ]
  return [...commands, createCompletionCommand(commands)]
}

function createTerminal(): Terminal {
  const { stdin, stdout, stderr, env } = process
  return {
    columns: stdout.columns ?? (Number(env['COLUMNS']) || DEFAULT_COLUMNS),
    hasColour: stdout.isTTY === true && stdout.hasColors() && !env['NO_COLOR'],
    isInteractive: stdin.isTTY === true && stdout.isTTY === true,
    write: (text) => void stdout.write(text),
    writeError: (text) => void stderr.write(text),
    ask: async (question) => {
      const reader = createInterface({ input: stdin, output: stdout })
      try {
        return await reader.question(question)
      } finally {
        reader.close()
      }
    },
  }
}
