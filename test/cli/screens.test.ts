import { stripVTControlCharacters } from 'node:util'
import { describe, expect, it } from 'vitest'
import type { Command } from '#src/operations/cli/command.ts'
import { experiments } from '#src/operations/cli/commands/experiments.ts'
import { createExplainCommand } from '#src/operations/cli/commands/explain.ts'
import { invalidations } from '#src/operations/cli/commands/invalidations.ts'
import { purge } from '#src/operations/cli/commands/purge.ts'
import { report } from '#src/operations/cli/commands/report.ts'
import { stats } from '#src/operations/cli/commands/stats.ts'
import { createWarmCommand } from '#src/operations/cli/commands/warm.ts'
import { runCommand } from './api-impostor.ts'
import * as examples from './examples.ts'

const explain = createExplainCommand(async () => '')
const warm = createWarmCommand(async () => '')
const { redis, ...statsOf } = examples.stats
const unavailable = {
  ...examples.stats,
  lag: { ...statsOf.lag, nowMs: null },
  redis: { ...(redis as NonNullable<typeof redis>), isReady: false, isWritable: false },
  postgres: { ...(statsOf.postgres as NonNullable<typeof statsOf.postgres>), isReachable: false },
}
const noReads = { ...statsOf.figures, reads: 0, hits: 0, hitRate: null, reachableHitRate: null }
const ofTenant = { ...examples.stats, tenant: 'acme', figures: noReads, latency: null, memory: null, redis: null, postgres: null }
const pending = {
  ...examples.purged,
  isComplete: false,
  waitedMs: 10_000,
  instances: [{ instance: 'b2', host: 'web-2', state: 'pending' }, ...examples.purged.instances.slice(0, 1)],
}

const screens: readonly (readonly [name: string, command: Command, args: readonly string[], body: object])[] = [
  ['stats', stats, [], examples.stats],
  ['stats-unavailable', stats, [], unavailable],
  ['stats-of-tenant', stats, ['--tenant', 'acme'], ofTenant],
  ['stats-by-field', stats, ['--by', 'field'], examples.byField],
  ['stats-by-operation', stats, ['--by', 'operation'], examples.byOperation],
  ['report', report, [], examples.report],
  ['report-without-drop', report, [], { ...examples.report, drop: null, writes: [], recommendations: [] }],
  ['invalidations', invalidations, [], examples.invalidations],
  ['write-costs', invalidations, ['--costs'], examples.writeCosts],
  [
    'write-costs-partly-counted',
    invalidations,
    ['--costs'],
    { ...examples.writeCosts, uncounted: { before: '2026-11-27T19:00:00.000Z', reloads: 120 } },
  ],
  ['write-costs-of-nothing', invalidations, ['--costs'], { ...examples.writeCosts, total: 0, writes: [] }],
  ['explain', explain, ['acme:Campaign:["42"]'], examples.explanation],
  ['purge', purge, ['acme:Campaign:42', '--yes'], examples.purged],
  ['purge-dry-run', purge, ['acme:Campaign:42', '--dry-run'], examples.planned],
  ['purge-pending', purge, ['acme:Campaign:42', '--yes'], pending],
  ['warm', warm, [], examples.warmed],
  ['experiments', experiments, [], examples.experiments],
  ['experiments-of-none', experiments, [], { ...examples.experiments, experiments: [] }],
  ['experiments-start', experiments, ['start', 'Campaign', '--set', 'l1=30', '--set', 'l2=300'], examples.startedExperiment],
  [
    'experiments-stop-pending',
    experiments,
    ['stop', 'Campaign'],
    { ...examples.startedExperiment, instances: [{ instance: 'b2', host: 'web-2', state: 'pending' }] },
  ],
]

describe('the command line prints a screen of plain text', () => {
  it.each(
    screens.flatMap((screen) => [80, 120].map((columns) => [screen[0], columns, screen] as const)),
  )('%s that fits into %i columns, without colours if the output is no terminal', async (name, columns, [, command, args, body]) => {
    const { output, errors } = await runCommand(command, args, { columns, reply: () => ({ body }) })
    expect(errors).toBe('')
    expect(output.split('\n').filter((line) => line.length > columns)).toEqual([])
    await expect(output).toMatchFileSnapshot(`screens/${name}-${columns}.txt`)
  })

  it.each(screens)('%s with colours that change no column if the output is a terminal', async (_, command, args, body) => {
    const run = (hasColour: boolean) => runCommand(command, args, { hasColour, reply: () => ({ body }) })
    const [plain, coloured] = await Promise.all([run(false), run(true)])
    expect(stripVTControlCharacters(coloured.output)).toBe(plain.output)
    expect(stripVTControlCharacters(plain.output)).toBe(plain.output)
  })

  it.each(screens)('%s as the JSON of the API if --json is given', async (_, command, args, body) => {
    const { output } = await runCommand(command, [...args, '--json'], { reply: () => ({ body }) })
    expect(JSON.parse(output)).toEqual(JSON.parse(JSON.stringify(body)))
  })
})
