import { stripVTControlCharacters } from 'node:util'
import { describe, expect, it } from 'vitest'
import { createDoctorCommand } from '#src/operations/cli/commands/doctor.ts'
import { runCommandLine } from '#src/operations/cli/run-command-line.ts'
import { type Finding, findingsOf } from '#src/operations/doctor/finding.ts'
import { type CollectingOptions, collectingTerminal } from './collecting-terminal.ts'

const [postgres, redis] = [findingsOf('PostgreSQL'), findingsOf('Redis')]
const fine = postgres('postgres-version').ok('PostgreSQL 15.20 answers in 0.4 ms.')
const wrong = postgres('postgres-create-table').error(
  'The role "app" may not create tables and functions in the schema "public".',
  'Run as the owner of the database: GRANT CREATE, USAGE ON SCHEMA public TO "app";',
)
const doubtful = redis('redis-eviction').warning(
  'Redis at 10.0.0.7:6379 has maxmemory-policy noeviction: when its 100 MiB are full, it refuses new entries.',
  'Set maxmemory-policy allkeys-lru, or volatile-ttl if other programs keep data there.',
)

async function run(args: readonly string[], findings: readonly Finding[], options: CollectingOptions = {}) {
  const terminal = collectingTerminal(options)
  const code = await runCommandLine(args, {
    terminal,
    commands: [createDoctorCommand(async () => findings)],
    connect: () => Promise.reject(new Error('The doctor must not use the management API.')),
    now: () => 0,
    pause: async () => undefined,
  })
  return { code, output: terminal.output(), errors: terminal.errors() }
}

describe('tidegate doctor', () => {
  it('prints each finding with its remedy, wrapped to 80 columns, and exits with 1 if there is an error', async () => {
    const { code, output } = await run(['doctor'], [fine, wrong, doubtful])
    expect(code).toBe(1)
    expect(output).toBe(`PostgreSQL
  ok       PostgreSQL 15.20 answers in 0.4 ms.
  error    The role "app" may not create tables and functions in the schema
           "public".
           → Run as the owner of the database: GRANT CREATE, USAGE ON SCHEMA
             public TO "app";

Redis
  warning  Redis at 10.0.0.7:6379 has maxmemory-policy noeviction: when its 100
           MiB are full, it refuses new entries.
           → Set maxmemory-policy allkeys-lru, or volatile-ttl if other programs
             keep data there.

1 error, 1 warning: correct the error before you start the gateway.
`)
  })

  it('uses the width of 120 columns', async () => {
    const { output } = await run(['doctor'], [doubtful], { columns: 120 })
    expect(output).toBe(`Redis
  warning  Redis at 10.0.0.7:6379 has maxmemory-policy noeviction: when its 100 MiB are full, it refuses new entries.
           → Set maxmemory-policy allkeys-lru, or volatile-ttl if other programs keep data there.

No errors, 1 warning: the gateway can start.
`)
  })

  it('uses colours on a terminal only, and they change no column', async () => {
    const [plain, coloured] = [await run(['doctor'], [wrong]), await run(['doctor'], [wrong], { hasColour: true })]
    expect(coloured.output).not.toBe(plain.output)
    expect(stripVTControlCharacters(coloured.output)).toBe(plain.output)
    expect(stripVTControlCharacters(plain.output)).toBe(plain.output)
  })

  it('exits with 0 for warnings, with 1 for warnings and --strict, and with 0 if all is well', async () => {
    expect((await run(['doctor'], [doubtful])).code).toBe(0)
    expect((await run(['doctor', '--strict'], [doubtful])).code).toBe(1)
    expect(await run(['doctor', '--strict'], [fine])).toMatchObject({
      code: 0,
      output: expect.stringMatching(/No errors and no warnings: the gateway can start\.\n$/),
    })
  })

  it('prints the findings as JSON, with names of checks that scripts can rely on', async () => {
    const { code, output } = await run(['doctor', '--json'], [fine, wrong])
    expect(code).toBe(1)
    expect(JSON.parse(output)).toEqual({
      errors: 1,
      warnings: 0,
      findings: [
        { subject: 'PostgreSQL', check: 'postgres-version', level: 'ok', message: 'PostgreSQL 15.20 answers in 0.4 ms.' },
        { ...wrong },
      ],
    })
  })
})

describe('the command line', () => {
  it('exits with 2 for an unknown command, an unknown option and a superfluous argument, and says what to do', async () => {
    expect(await run(['doctr'], [])).toEqual({
      code: 2,
      output: '',
      errors: 'error  There is no command "doctr".\n       → Use one of: doctor.\n',
    })
    expect(await run(['doctor', '--fast'], [])).toEqual({
      code: 2,
      output: '',
      errors: "error  Unknown option '--fast'.\n       → tidegate doctor --help lists the options.\n",
    })
    expect((await run(['doctor', 'now'], [])).code).toBe(2)
    expect(await run([], [])).toMatchObject({ code: 2, output: '', errors: expect.stringContaining('Usage: tidegate COMMAND') })
  })

  it('prints its help and the help of a command to standard output', async () => {
    expect(await run(['--help'], [])).toMatchObject({ code: 0, errors: '', output: expect.stringContaining('Usage: tidegate COMMAND') })
    expect(await run(['doctor', '-h'], [])).toMatchObject({ code: 0, errors: '', output: expect.stringContaining('--redis URL') })
  })
})
