import type { Tags } from '../../admin/contract.ts'
import type { Command } from '../command.ts'
import { API_OPTIONS } from '../command-options.ts'
import { completionScript, SHELLS } from '../completion-scripts.ts'
import { CommandFailure, EXIT, UsageFailure } from '../failure.ts'

const MAX_TAGS = 200

/** Creates the command that prints the script for a shell. The script calls it again for tags. @param commands The other commands. */
export function createCompletionCommand(commands: readonly Command[]): Command {
  const command: Command = {
    name: 'completion',
    summary: 'Prints the script that makes bash or zsh complete commands, options and tags.',
    positionals: 'bash|zsh',
    options: { ...API_OPTIONS },
    examples: ['source <(tidegate completion bash)', 'source <(tidegate completion zsh)'],
    run: async ({ terminal, options, connect }) => {
      const [what, prefix = ''] = options.positionals
      const shell = SHELLS.find((name) => name === what)
      if (shell !== undefined) {
        terminal.write(completionScript(shell, [...commands, command]))
        return EXIT.done
      }
      if (what !== 'tags')
        throw new UsageFailure(
          `Expected ${SHELLS.join(' or ')}, got ${what === undefined ? 'nothing' : `"${what}"`}.`,
          'tidegate completion --help shows examples.',
        )
      try {
        const { value } = await (await connect()).get<Tags>('/tags', { prefix, limit: MAX_TAGS })
        for (const { tag } of value.tags) terminal.write(`${tag}\n`)
        return EXIT.done
      } catch (error) {
        // A shell that completes must not print errors into the line. Without a gateway there are no tags.
        if (error instanceof CommandFailure) return error.exitCode
        throw error
      }
    },
  }
  return command
}
