import type { Finding, Level } from '../../doctor/finding.ts'
import type { Command } from '../command.ts'
import { EXIT } from '../failure.ts'
import { paragraph } from '../layout.ts'
import { type Style, styled, type Terminal } from '../terminal.ts'

/** Addresses that `doctor` checks in place of the configured ones. */
export interface DoctorTargets {
  readonly database: string | undefined
  readonly redis: string | undefined
}

const STYLES: Readonly<Record<Level, Style>> = { ok: 'green', warning: 'yellow', error: 'red' }
const LEVEL_WIDTH = 9

/** Creates the command that checks a database and Redis. It needs no gateway and no token. */
export function createDoctorCommand(examine: (targets: DoctorTargets) => Promise<readonly Finding[]>): Command {
  return {
    name: 'doctor',
    summary: 'Checks the configuration, the database and Redis before a start, and changes nothing.',
    positionals: '',
    options: {
      database: { type: 'string', value: 'URL', meaning: 'database to check; default: DATABASE_URL' },
      redis: { type: 'string', value: 'URL', meaning: 'Redis to check; default: REDIS_URL' },
      strict: { type: 'boolean', meaning: 'exits with 1 for warnings, too' },
    },
    examples: ['tidegate doctor', 'DATABASE_URL=postgres://… REDIS_URL=redis://… tidegate doctor --json'],
    run: async ({ terminal, options }) => {
      const findings = await examine({ database: options.text('database'), redis: options.text('redis') })
      const count = (level: Level) => findings.filter((finding) => finding.level === level).length
      const [errors, warnings] = [count('error'), count('warning')]
      if (options.flag('json')) terminal.write(`${JSON.stringify({ errors, warnings, findings }, null, 2)}\n`)
      else terminal.write(`${screen(terminal, findings, errors, warnings).join('\n')}\n`)
      return errors > 0 || (options.flag('strict') && warnings > 0) ? EXIT.failed : EXIT.done
    },
  }
}

function screen(terminal: Terminal, findings: readonly Finding[], errors: number, warnings: number): readonly string[] {
  const subjects = [...new Set(findings.map(({ subject }) => subject))]
  const lines = subjects.flatMap((subject) => [
    styled(terminal, 'bold', subject),
    ...findings.filter((finding) => finding.subject === subject).flatMap((finding) => linesOf(terminal, finding)),
    '',
  ])
  return [...lines, ...paragraph(verdict(errors, warnings), terminal.columns)]
}

function linesOf(terminal: Terminal, { level, message, remedy }: Finding): readonly string[] {
  const indent = ' '.repeat(2 + LEVEL_WIDTH)
  const first = `  ${styled(terminal, STYLES[level], level.padEnd(LEVEL_WIDTH))}`
  return [
    ...paragraph(message, terminal.columns, first, indent),
    ...(remedy === undefined ? [] : paragraph(remedy, terminal.columns, `${indent}→ `, `${indent}  `)),
  ]
}

function verdict(errors: number, warnings: number): string {
  const counted = (count: number, noun: string) => `${count} ${noun}${count === 1 ? '' : 's'}`
  if (errors > 0)
    return `${counted(errors, 'error')}, ${counted(warnings, 'warning')}: correct the ${errors === 1 ? 'error' : 'errors'} before you start the gateway.`
  if (warnings > 0) return `No errors, ${counted(warnings, 'warning')}: the gateway can start.`
  return 'No errors and no warnings: the gateway can start.'
}
