import { describe, expect, it } from 'vitest'
import type { Command } from '#src/operations/cli/command.ts'
import { experiments } from '#src/operations/cli/commands/experiments.ts'
import { createExplainCommand } from '#src/operations/cli/commands/explain.ts'
import { invalidations } from '#src/operations/cli/commands/invalidations.ts'
import { purge } from '#src/operations/cli/commands/purge.ts'
import { report } from '#src/operations/cli/commands/report.ts'
import { stats } from '#src/operations/cli/commands/stats.ts'
import { createWarmCommand } from '#src/operations/cli/commands/warm.ts'
import { type Call, type Reply, type RunOptions, runCommand } from './api-impostor.ts'
import * as examples from './examples.ts'

const explain = createExplainCommand(async (path) => {
  if (path === 'query.graphql') return '{ tlds { name } }'
  throw Object.assign(new Error('no such file'), { code: 'ENOENT' })
})
const warm = createWarmCommand(async () => '{ tlds { name } }')

const refuse = (status: number, code: string, message: string, extensions: object = {}, headers: Reply['headers'] = {}): Reply => ({
  status,
  headers,
  body: { errors: [{ message, extensions: { code, requestId: 'req-7', ...extensions } }] },
})

describe('tidegate purge', () => {
  const reply = ({ body }: Call): Reply => ({ body: (body as { dryRun: boolean }).dryRun ? examples.planned : examples.purged })
  const run = (args: readonly string[], options: Partial<RunOptions> = {}) => runCommand(purge, args, { reply, ...options })

  it('shows the dry run, asks, and invalidates after yes', async () => {
    const { code, calls, output, questions } = await run(['acme:Campaign:42', '--reason', 'wrong import'], { answers: ['y'] })
    expect(code).toBe(0)
    expect(questions).toEqual(['Invalidate this on all processes? [y/N] '])
    expect(calls).toEqual(
      [true, false].map((dryRun) => ({
        method: 'POST',
        path: '/invalidate',
        body: { tags: ['acme:Campaign:42'], reason: 'wrong import', dryRun },
      })),
    )
    expect(output).toMatch(
      /^A purge would invalidate 3 entries[\s\S]*Invalidated on 2 processes after 62 ms: no process serves an old value\./,
    )
  })

  it.each([[''], ['n'], ['yes please'], ['acme']])('invalidates nothing after the answer "%s", and exits with 1', async (answer) => {
    const { code, calls, output } = await run(['acme:Campaign:42'], { answers: [answer] })
    expect(code).toBe(1)
    expect(calls.map(({ body }) => (body as { dryRun: boolean }).dryRun)).toEqual([true])
    expect(output).toMatch(/Nothing was invalidated\.\n$/)
  })

  it('invalidates nothing if nobody can be asked and --yes is missing', async () => {
    const { code, calls, errors } = await run(['acme:Campaign:42'])
    expect([code, calls]).toEqual([2, []])
    expect(errors).toContain('Nobody can be asked here, and nothing was invalidated.')
  })

  it('sends only a dry run with --dry-run, even with --yes', async () => {
    const { code, calls } = await run(['--table', 'campaigns', '--dry-run', '--yes'])
    expect(code).toBe(0)
    expect(calls).toEqual([{ method: 'POST', path: '/invalidate', body: { table: 'campaigns', dryRun: true } }])
  })

  it('asks for the name of the tenant before it invalidates a whole tenant', async () => {
    const wrong = await run(['--all', 'acme'], { answers: ['y'] })
    expect([wrong.code, wrong.calls.length]).toEqual([1, 1])
    const right = await run(['--all', 'acme'], { answers: ['acme'] })
    expect(right.calls).toEqual([true, false].map((dryRun) => ({ method: 'POST', path: '/clear-all', body: { confirm: 'acme', dryRun } })))
    expect(right.code).toBe(0)
  })

  it('refuses to run without a filter, and with --all beside another filter', async () => {
    for (const args of [[], ['--tenant', 'acme'], ['--all', 'acme', '--table', 'campaigns']]) {
      const { code, calls } = await run([...args, '--yes'])
      expect([code, calls]).toEqual([2, []])
    }
  })

  it('exits with 1 and names the processes if the purge is pending', async () => {
    const body = { ...examples.purged, isComplete: false, instances: [{ instance: 'b2', host: 'web-2', state: 'pending' }] }
    const { code, output } = await run(['acme:Campaign:42', '--yes'], { reply: () => ({ body }) })
    expect(code).toBe(1)
    expect(output).toContain('Pending on b2 (web-2)')
  })
})

describe('tidegate invalidations', () => {
  it('follows the log: each row is printed once, in order, also when a page is full', async () => {
    const row = (clock: number) => ({ ...examples.invalidations.invalidations[0], clock, at: new Date(clock * 1000).toISOString() })
    const newest = 700
    const reply = ({ path }: Call): Reply => {
      const after = Number(new URLSearchParams(path.split('?')[1]).get('after') ?? 0)
      if (after === 0) return { body: { clock: 2, invalidations: [row(2), row(1)] } }
      const rows = Array.from({ length: Math.min(500, newest - after) }, (_, index) => row(after + index + 1))
      return { body: { clock: newest, invalidations: rows } }
    }
    let pauses = 0
    const pause = async () => {
      if (++pauses === 5) throw new Error('interrupted')
    }
    const lines: string[] = []
    const { calls } = await followed(reply, pause, lines)
    expect(lines.map((line) => JSON.parse(line).clock)).toEqual(Array.from({ length: newest }, (_, index) => index + 1))
    expect(calls.map(({ path }) => new URLSearchParams(path.split('?')[1]).get('after'))).toEqual([null, '2', '502', '700', '700'])
  })

  it('asks for the costs of writes in a time range, and refuses options that have no meaning there', async () => {
    const run = (args: readonly string[]) => runCommand(invalidations, args, { reply: () => ({ body: examples.writeCosts }) })
    const { calls } = await run(['--costs', '--cause', 'mutation pauseCampaign', '--window', '24h'])
    expect(calls[0]?.path).toBe('/write-costs?cause=mutation+pauseCampaign&window=24h&limit=20')
    for (const args of [
      ['--costs', '--follow'],
      ['--costs', '--tag', 'acme:Campaign:42'],
      ['--window', '24h'],
    ]) {
      const { code, calls } = await run(args)
      expect([args, code, calls]).toEqual([args, 2, []])
    }
  })

  async function followed(reply: RunOptions['reply'], pause: () => Promise<void>, lines: string[]) {
    const calls: Call[] = []
    const recording = (call: Call) => {
      calls.push(call)
      return reply(call)
    }
    const command: Command = {
      ...invalidations,
      run: (context) =>
        invalidations
          .run({ ...context, terminal: { ...context.terminal, write: (text) => void lines.push(...text.split('\n').filter(Boolean)) } })
          .catch(() => 0 as const),
    }
    await runCommand(command, ['--follow', '--json'], { reply: recording, pause })
    return { calls }
  }

  it('passes the cause, the tag and the tenant to the API', async () => {
    const { calls } = await runCommand(
      invalidations,
      ['--cause', 'mutation pauseCampaign', '--tag', 'acme:Campaign[]', '--tenant', 'acme'],
      {
        reply: () => ({ body: examples.invalidations }),
      },
    )
    expect(calls[0]?.path).toBe('/invalidations?tenant=acme&tag=acme%3ACampaign%5B%5D&cause=mutation+pauseCampaign&limit=20')
  })
})

describe('tidegate explain', () => {
  it('sends an operation from an option or a file with its caller', async () => {
    const run = (...args: string[]) => runCommand(explain, args, { reply: () => ({ body: examples.explanation }) })
    const { calls } = await run(
      '--file',
      'query.graphql',
      '--variables',
      '{"id": "42"}',
      '--tenant',
      'acme',
      '--role',
      'ADMIN',
      '--user',
      '3',
    )
    expect(calls).toEqual([
      {
        method: 'POST',
        path: '/key/explain',
        body: { operation: { query: '{ tlds { name } }', variables: { id: '42' }, tenant: 'acme', role: 'ADMIN', userId: '3' } },
      },
    ])
    expect((await run('acme:Campaign:["42"]')).calls[0]?.body).toEqual({ key: 'acme:Campaign:["42"]' })
  })

  it.each([
    [[]],
    [['key', '--query', '{ a }']],
    [['--file', 'missing.graphql']],
    [['--query', '{ a }', '--variables', '[1]']],
    [['--query', '{ a }', '--variables', '{']],
  ])('refuses the arguments %j and asks nothing of the API', async (args) => {
    const { code, calls, errors } = await runCommand(explain, args, { reply: () => ({ body: {} }) })
    expect([code, calls]).toEqual([2, []])
    expect(errors).toMatch(/^error {2}.*\n {7}→ /)
  })
})

describe('tidegate warm', () => {
  it('executes recorded operations by default, or the given one', async () => {
    const run = (...args: string[]) =>
      runCommand(warm, args, { reply: () => ({ body: { ...examples.warmed, done: { ...examples.warmed.done, failed: 0 } } }) })
    expect((await run('--tenant', 'acme')).calls[0]?.body).toEqual({ tenant: 'acme', dryRun: false, hottest: 100 })
    const one = await run('--file', 'x.graphql', '--operation', 'A', '--role', 'EDITOR', '--dry-run')
    expect(one.calls[0]?.body).toEqual({ dryRun: true, operations: [{ query: '{ tlds { name } }', operationName: 'A', role: 'EDITOR' }] })
    expect(one.code).toBe(0)
    expect((await run('--hottest', '0')).code).toBe(2)
  })
})

describe('tidegate experiments', () => {
  const run = (...args: string[]) => runCommand(experiments, args, { reply: () => ({ body: examples.startedExperiment }) })

  it('starts an experiment with the values of --set, and stops one', async () => {
    const started = await run('start', 'Campaign', '--set', 'l1=30', '--set', 'earlyRefresh=0.5', '--share', '0.25', '--lead-in', '2')
    const values = { l1: 30, earlyRefresh: 0.5 }
    expect(started.calls).toEqual([
      { method: 'POST', path: '/experiments', body: { coordinate: 'Campaign', values, share: 0.25, leadInHours: 2 } },
    ])
    const stopped = await run('stop', 'Campaign', '--reason', 'done')
    expect(stopped.calls).toEqual([{ method: 'POST', path: '/experiments/stop', body: { coordinate: 'Campaign', reason: 'done' } }])
    expect([started.code, stopped.code]).toEqual([0, 0])
    expect((await run('--limit', '3')).calls[0]?.path).toBe('/experiments?limit=3')
  })

  it('exits with 1 while a process has not confirmed the change', async () => {
    const body = { ...examples.startedExperiment, instances: [{ instance: 'b2', host: 'web-2', state: 'pending' }] }
    expect((await runCommand(experiments, ['stop', 'Campaign'], { reply: () => ({ body }) })).code).toBe(1)
  })

  it.each([
    [['begin', 'Campaign']],
    [['start']],
    [['stop', 'Campaign', 'Buyer']],
    [['start', 'Campaign']],
    [['start', 'Campaign', '--set', 'l1']],
    [['start', 'Campaign', '--set', 'l1=1.2.3']],
    [['start', 'Campaign', '--set', 'l1=30', '--share', 'half']],
    [['start', 'Campaign', '--set', 'l1=30', '--limit', '3']],
    [['stop', 'Campaign', '--share', '0.5']],
    [['--reason', 'none']],
  ])('refuses the arguments %j and asks nothing of the API', async (args) => {
    const { code, calls, errors } = await run(...args)
    expect([code, calls]).toEqual([2, []])
    expect(errors).toMatch(/^error {2}.*\n {7}→ /)
  })
})

describe('a failure becomes one sentence and a remedy:', () => {
  const cases: readonly (readonly [string, Reply | Error, number, string])[] = [
    [
      'no gateway at the address',
      Object.assign(new TypeError('fetch failed'), { cause: Object.assign(new Error('refused'), { code: 'ECONNREFUSED' }) }),
      3,
      'error  The gateway at http://gateway cannot be reached (ECONNREFUSED).\n       → Start it, or set --url or TIDEGATE_URL; tidegate doctor checks the database and Redis without it.\n',
    ],
    [
      'a gateway that does not answer',
      Object.assign(new Error('aborted'), { name: 'TimeoutError' }),
      3,
      'error  The gateway at http://gateway did not answer in time.\n       → Look at its log and at /readyz; tidegate doctor checks the database and Redis without it.\n',
    ],
    [
      'another program at the address',
      { status: 404, body: '<html>' },
      3,
      'error  The address http://gateway serves no management API (status 404).\n       → Set --url or TIDEGATE_URL to the address of a gateway, or of its management listener if it has one.\n',
    ],
    [
      'a token that has ended',
      refuse(401, 'UNAUTHENTICATED', 'The token has expired.'),
      3,
      'error  The token has expired.\n       → Get a new token (npm run token -- --role OPERATOR), and set TIDEGATE_TOKEN.\n',
    ],
    [
      'a role that may not do it',
      refuse(403, 'FORBIDDEN', 'Expected the role ADMIN or OPERATOR, got VIEWER.'),
      3,
      'error  Expected the role ADMIN or OPERATOR, got VIEWER.\n       → Use a token with the role ADMIN of that tenant, or with the role OPERATOR.\n',
    ],
    [
      'too many calls',
      refuse(429, 'RATE_LIMITED', 'Too many requests: send the request again later.', {}, { 'retry-after': '12' }),
      1,
      'error  Too many requests: send the request again later.\n       → Repeat the command in 12 s.\n',
    ],
    [
      'a wrong item, which is named',
      refuse(400, 'BAD_USER_INPUT', 'expected a time range.', { path: 'window' }),
      2,
      'error  window: expected a time range.\n       → Nothing was done. Correct the arguments, and repeat the command.\n',
    ],
    [
      'an error of the gateway, with the id of the request',
      refuse(500, 'INTERNAL_SERVER_ERROR', 'Something went wrong on the server.'),
      1,
      'error  Something went wrong on the server.\n       → Look for the request req-7 in the log of the gateway.\n',
    ],
    [
      'a database that does not answer',
      refuse(503, 'UNAVAILABLE', 'The data is not available right now: retry in a moment.'),
      1,
      'error  The data is not available right now: retry in a moment.\n       → Repeat the command in a moment; tidegate doctor checks the database and Redis.\n',
    ],
  ]

  it.each(cases)('%s', async (_, reply, code, errors) => {
    expect(await runCommand(report, [], { columns: 200, reply: () => reply })).toMatchObject({ code, output: '', errors })
  })

  it('no control character of an answer or of an error reaches the terminal', async () => {
    const evil = 'acme\u001b[2J\u0007\u009b31m\u202e'
    const body = { ...examples.report, summary: evil, drop: { ...examples.report.drop, write: evil } }
    const outputs = [
      await runCommand(report, [], { reply: () => ({ body }) }),
      await runCommand(report, ['--json'], { reply: () => ({ body }) }),
      await runCommand(report, [], { reply: () => refuse(400, 'BAD_USER_INPUT', evil) }),
      await runCommand(report, [], { reply: () => new Error(evil) }),
    ]
    for (const { output, errors } of outputs) {
      // biome-ignore lint/suspicious/noControlCharactersInRegex: These characters are what is looked for.
      expect(output + errors).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/)
      expect((output + errors).length).toBeGreaterThan(20)
    }
    expect(JSON.parse(outputs[1]?.output ?? '')).toEqual(body)
  })

  it.each([
    [stats, ['--by', 'colour']],
    [stats, ['--limit', '-1']],
    [report, ['--at', 'yesterday']],
    [stats, ['--until', 'now']],
  ] as const)('a wrong value of an option, which the API never sees: %#', async (command, args) => {
    const { code, calls, errors } = await runCommand(command, args, { reply: () => ({ body: {} }) })
    expect([code, calls]).toEqual([2, []])
    expect(errors).toContain(args[0])
  })
})
