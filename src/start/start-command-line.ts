import { createInterface } from 'node:readline/promises'
import { setTimeout as pause } from 'node:timers/promises'
import { systemEnv } from '../engine/cache/model/env.ts'
import { createDoctorCommand } from '../operations/cli/commands/doctor.ts'
import { CommandFailure, EXIT, type ExitCode } from '../operations/cli/failure.ts'
import { runCommandLine } from '../operations/cli/run-command-line.ts'
import type { Terminal } from '../operations/cli/terminal.ts'

const DEFAULT_COLUMNS = 80

/** Runs a command of the command line `tidegate`. Returns the exit code. */
export function startCommandLine(args: readonly string[]): Promise<ExitCode> {
  return runCommandLine(args, {
    terminal: createTerminal(),
    commands: [
      // The checks load the drivers and the whole market, which the other commands do not need.
      createDoctorCommand(async (targets) => (await import('./examine.ts')).examine(targets, process.env)),
    ],
    connect: () => Promise.reject(new CommandFailure(EXIT.unavailable, 'No command uses the management API yet.', 'Use tidegate doctor.')),
    now: systemEnv.now,
    pause: (ms) => pause(ms),
  })
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
