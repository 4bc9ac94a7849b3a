import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { createCompletionCommand } from '#src/operations/cli/commands/completion.ts'
import { purge } from '#src/operations/cli/commands/purge.ts'
import { stats } from '#src/operations/cli/commands/stats.ts'
import { completionScript } from '#src/operations/cli/completion-scripts.ts'
import { CommandFailure, EXIT } from '#src/operations/cli/failure.ts'
import { runCommandLine } from '#src/operations/cli/run-command-line.ts'
import { runCommand } from './api-impostor.ts'
import { collectingTerminal } from './collecting-terminal.ts'

const completion = createCompletionCommand([stats, purge])
const TAGS = ['acme:Campaign:42', 'acme:Campaign[]', 'acme:Campaign[]:status=ACTIVE', 'acme:Campaign[]:status=PAUSED', 'acme:Campaign~']

/** Returns the words that bash offers at the end of a line. The last word of the line is what is in front of the cursor. */
async function completed(line: string): Promise<readonly string[]> {
  const script = `${completionScript('bash', [stats, purge, completion])}
tidegate() {
  [[ $1 == completion && $2 == tags ]] || return 1
  printf '%s\\n' ${TAGS.map((tag) => `'${tag}'`).join(' ')} | grep -F "$3" || true
}
COMP_LINE=$1 COMP_POINT=\${#1}
# bash itself splits words like this: at spaces, and at : and =, which become words.
read -ra COMP_WORDS <<<"\${COMP_LINE//[:=]/ & }"
[[ $COMP_LINE == *' ' ]] && COMP_WORDS+=('')
COMP_CWORD=$((\${#COMP_WORDS[@]} - 1))
_tidegate
printf '%s\\n' "\${COMPREPLY[@]}"
`
  const { stdout } = await promisify(execFile)('bash', ['--norc', '-c', script, 'bash', line])
  return stdout.split('\n').filter(Boolean)
}

describe('the completion of bash', () => {
  it('offers commands, options of the command, and values of options', async () => {
    expect(await completed('tidegate ')).toEqual(['stats', 'purge', 'completion', 'help'])
    expect(await completed('tidegate pu')).toEqual(['purge'])
    expect(await completed('tidegate purge --d')).toEqual(['--dry-run'])
    expect(await completed('tidegate stats --by ')).toEqual(['operation', 'field'])
    expect(await completed('tidegate completion z')).toEqual(['zsh'])
  })

  it('offers tags, of which only the part after the last : or = is inserted, because bash splits words there', async () => {
    expect(await completed('tidegate purge acme:Campaign:4')).toEqual(['42'])
    expect(await completed('tidegate purge acme:Campaign[]:status=')).toEqual(['ACTIVE', 'PAUSED'])
    expect(await completed('tidegate purge --yes acme:Campaign:42 acme:Campaign[')).toContain('Campaign[]')
    expect(await completed('tidegate stats acme')).toEqual([])
  })
})

describe('tidegate completion', () => {
  it('prints the tags that begin with a prefix, as the gateway knows them', async () => {
    const body = { tags: TAGS.map((tag) => ({ tag, entries: 1 })) }
    const { code, output, calls } = await runCommand(completion, ['tags', 'acme:C'], { reply: () => ({ body }) })
    expect([code, output]).toEqual([0, TAGS.map((tag) => `${tag}\n`).join('')])
    expect(calls[0]?.path).toBe('/tags?prefix=acme%3AC&limit=200')
  })

  it('prints nothing for tags if no gateway can be reached, because the line of the user is on the screen', async () => {
    const terminal = collectingTerminal()
    const code = await runCommandLine(['completion', 'tags', 'acme'], {
      terminal,
      commands: [completion],
      connect: async () => Promise.reject(new CommandFailure(EXIT.unavailable, 'No address.', 'Set it.')),
      now: () => 0,
      pause: async () => undefined,
    })
    expect([code, terminal.output(), terminal.errors()]).toEqual([3, '', ''])
  })

  it('prints a script for zsh that names each command and escapes what zsh would interpret', async () => {
    const { output } = await runCommand(completion, ['zsh'], { reply: () => ({ body: {} }) })
    expect(output).toMatch(/^#compdef tidegate\n/)
    expect(output).toContain(`'completion:Prints the script`)
    expect((await runCommand(completion, ['fish'], { reply: () => ({ body: {} }) })).code).toBe(2)
  })
})
