import type { ApiClient } from '#src/operations/cli/api-client.ts'
import type { Command } from '#src/operations/cli/command.ts'
import { runCommandLine } from '#src/operations/cli/run-command-line.ts'
import { type CollectingOptions, collectingTerminal } from './collecting-terminal.ts'

export interface RunWithClientOptions extends CollectingOptions {
  /** Called in place of waiting. */
  readonly pause?: (() => Promise<void>) | undefined
}

/** Runs a command with a client of the management API. Returns its exit code and what it wrote. */
export async function runWithClient(
  client: ApiClient,
  command: Command,
  args: readonly string[],
  { pause = async () => undefined, ...options }: RunWithClientOptions = {},
) {
  const terminal = collectingTerminal(options)
  const outside = { now: () => 0, pause, connect: async () => client }
  const code = await runCommandLine([command.name, ...args], { ...outside, terminal, commands: [command] })
  return { code, output: terminal.output(), errors: terminal.errors(), questions: terminal.questions }
}
