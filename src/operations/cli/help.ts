import type { Command, Option } from './command.ts'
import { facts } from './layout.ts'

/** Options that every command has. */
export const COMMON_OPTIONS: Readonly<Record<string, Option>> = {
  json: { type: 'boolean', meaning: 'prints JSON in place of text' },
  help: { type: 'boolean', short: 'h', meaning: 'prints this help' },
}

/** Returns the list of commands. */
export function overview(commands: readonly Command[], width: number): string {
  const pairs = commands.map(({ name, summary }) => [name, summary] as const)
  return [
    'tidegate operates a gateway: what its cache does, why, and what to change.',
    '',
    'Usage: tidegate COMMAND [OPTIONS]',
    '',
    ...facts(pairs, width),
    '',
    'tidegate COMMAND --help explains a command.',
    'Exit codes: 0 done; 1 found errors, or not everything was done; 2 wrong arguments;',
    '3 the management API cannot be reached or refuses the token.',
    '',
  ].join('\n')
}

/** Returns the help of a command. */
export function helpOf({ name, summary, positionals, options, examples }: Command, width: number): string {
  const pairs = Object.entries({ ...options, ...COMMON_OPTIONS }).map(
    ([option, { short, value, meaning, multiple }]) =>
      [`${short ? `-${short}, ` : ''}--${option}${value ? ` ${value}` : ''}`, `${meaning}${multiple ? '; can be repeated' : ''}`] as const,
  )
  return [
    summary,
    '',
    `Usage: tidegate ${name}${positionals ? ` ${positionals}` : ''} [OPTIONS]`,
    '',
    ...facts(pairs, width),
    '',
    'Examples:',
    ...examples.map((example) => `  ${example}`),
    '',
  ].join('\n')
}
