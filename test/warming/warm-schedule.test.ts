import { describe, expect, it } from 'vitest'
import type { RecordedOperation } from '#src/gateway/warming/recorded-operation.ts'
import type { WarmOperation } from '#src/gateway/warming/warm-operation.ts'
import { WarmSchedule, type WarmScheduleOptions } from '#src/operations/warming/warm-schedule.ts'
import type { WarmUpProgress } from '#src/operations/warming/warm-up.ts'
import { ManualEnv, settled } from '../cache/manual-env.ts'

const HOUR_MS = 60 * 60 * 1000
const PROGRESS: WarmUpProgress = {
  isRunning: false,
  reason: 'schedule',
  total: 0,
  done: { cached: 0, executed: 0, refused: 0, failed: 0 },
  perSecond: 1,
  durationMs: 0,
}

const hourly: WarmOperation = {
  name: 'Hourly',
  document: 'query Hourly { words { nodes { name } } }',
  times: { cron: '2 0 * * * *', timeZone: 'UTC' },
  variables: [{}],
  tenants: 'ACTIVE',
  roles: ['VIEWER'],
}

interface Warmed extends RecordedOperation {
  readonly at: string
}

function start(operations: readonly WarmOperation[], parts: Partial<WarmScheduleOptions> & { readonly env?: ManualEnv } = {}) {
  const env = parts.env ?? new ManualEnv()
  const warmed: Warmed[] = []
  const failures: unknown[] = []
  const warmUp = {
    start: async (recorded: readonly RecordedOperation[], reason: string) => {
      expect(reason).toBe('schedule')
      warmed.push(...recorded.map((one) => ({ ...one, at: new Date(env.now()).toISOString() })))
      return PROGRESS
    },
  }
  const schedule = new WarmSchedule({
    operations,
    warmUp,
    claim: async () => true,
    activeTenants: async () => ['acme', 'bolt'],
    env,
    onFailed: (error) => failures.push(error),
    ...parts,
  })
  schedule.start()
  return { env, warmed, failures, schedule }
}

/** Returns an environment whose wall clock shows this time. */
function at(time: string): ManualEnv {
  const env = new ManualEnv()
  env.jumpWallClock(Date.parse(time) - env.now())
  return env
}

/** Runs the schedules of two processes for some hours, and counts how often the operation was warmed. */
async function warmedByTwo(claim: WarmScheduleOptions['claim'], hours: number): Promise<number> {
  const one = { ...hourly, tenants: ['acme'] }
  const processes = [start([one], { claim }), start([one], { claim })]
  for (let hour = 0; hour < hours; hour++) for (const { env } of processes) await env.advance(HOUR_MS)
  return processes.flatMap(({ warmed }) => warmed).length
}

describe('A warming schedule', () => {
  it('runs right after each hour has begun, for every active tenant', async () => {
    const { env, warmed } = start([hourly], { env: at('2026-03-18T14:25:10.500Z') })
    await env.advance(2 * HOUR_MS)
    expect(warmed.map((one) => [one.at, one.tenant])).toEqual([
      ['2026-03-18T15:00:02.000Z', 'acme'],
      ['2026-03-18T15:00:02.000Z', 'bolt'],
      ['2026-03-18T16:00:02.000Z', 'acme'],
      ['2026-03-18T16:00:02.000Z', 'bolt'],
    ])
  })

  it('follows the time zone of the operation, even when daylight saving time begins', async () => {
    const morning: WarmOperation = { ...hourly, tenants: ['acme'], times: { cron: '0 7 * * *', timeZone: 'Europe/Berlin' } }
    const { env, warmed } = start([morning], { env: at('2026-03-27T12:00:00.000Z') })
    await env.advance(72 * HOUR_MS)
    expect(warmed.map((one) => one.at)).toEqual(['2026-03-28T06:00:00.000Z', '2026-03-29T05:00:00.000Z', '2026-03-30T05:00:00.000Z'])
  })

  it('replaces a variable such as { startOf: DAY } by the start of the period that contains the time of the run', async () => {
    const ranged: WarmOperation = { ...hourly, tenants: ['acme'], variables: [{ from: { startOf: 'DAY' } }] }
    const { env, warmed } = start([ranged], { env: at('2026-03-18T23:30:00.000Z') })
    await env.advance(HOUR_MS)
    expect(warmed).toMatchObject([{ variables: { from: '2026-03-19T00:00:00.000Z' } }])
  })

  it('ignores an operation without a cron pattern, which only the warm command executes', async () => {
    const { env, warmed } = start([{ ...hourly, times: undefined }])
    await env.advance(24 * HOUR_MS)
    expect(warmed).toEqual([])
  })

  it('executes each run in only one of the processes that share Redis', async () => {
    const claimed = new Set<string>()
    const claim = async (run: string) => !claimed.has(run) && claimed.add(run) !== undefined
    expect(await warmedByTwo(claim, 3)).toBe(3)
  })

  it('would execute each run in every process if runs were not claimed, so the preceding test detects this', async () => {
    expect(await warmedByTwo(async () => true, 3)).toBe(6)
  })

  it('skips runs that are due while an earlier run is unfinished, and continues with later runs', async () => {
    const held: (() => void)[] = []
    const warmUp = { start: () => new Promise<WarmUpProgress>((resolve) => void held.push(() => resolve(PROGRESS))) }
    const { env } = start([hourly], { warmUp })
    await env.advance(3 * HOUR_MS)
    expect(held).toHaveLength(1)
    held[0]?.()
    await settled()
    await env.advance(HOUR_MS)
    expect(held).toHaveLength(2)
  })

  it('reports an error if the active tenants cannot be read, and starts the next run as usual', async () => {
    let asked = 0
    const activeTenants = async () => {
      if (++asked === 1) throw new Error('the database is away')
      return ['acme']
    }
    const { env, warmed, failures } = start([hourly], { activeTenants })
    await env.advance(2 * HOUR_MS)
    expect(failures).toEqual([new Error('the database is away')])
    expect(warmed).toHaveLength(1)
  })

  it('begins no run after it was stopped', async () => {
    const { env, warmed, schedule } = start([hourly])
    schedule.stop()
    await env.advance(2 * HOUR_MS)
    expect(warmed).toEqual([])
  })
})
