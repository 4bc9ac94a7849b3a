import { type Arguments, readArguments, USAGE } from './arguments.ts'
import type { DoneFault, FaultSchedule } from './gateway/faults.ts'
import { type Counters, Observer } from './gateway/observer.ts'
import { EXIT, LoadError } from './load-error.ts'
import { type Costs, costRows, costsOf } from './report/costs.ts'
import { Timeline } from './report/timeline.ts'
import { writeReport } from './report/write-report.ts'
import { progressLines } from './run/progress-lines.ts'
import { type Progress, runTest, type TestResult } from './run/run-test.ts'
import { CheckCounts } from './summary/check-counts.ts'
import { summaryData } from './summary/summary-data.ts'
import { writeSummary } from './summary/write-summary.ts'

/** Time between two progress lines, ms. Lines are printed if the output is not a terminal. */
const PROGRESS_MS = 5000
const OBSERVE_MS = 1000

interface Target {
  readonly gatewayUrls: readonly string[]
  readonly faults: FaultSchedule | undefined
  readonly env: Readonly<Record<string, string>>
  readonly databaseUrl: string | undefined
  readonly redisUrl: string | undefined
  stop(): Promise<void>
}

process.exitCode = await main().catch((error: unknown) => {
  process.stderr.write(
    `load: ${error instanceof LoadError ? `${error.code}: ${error.message}` : error instanceof Error ? error.stack : error}\n`,
  )
  return error instanceof LoadError ? error.exitCode : 1
})

async function main(): Promise<number> {
  const given = readArguments(process.argv.slice(2), process.env)
  if (given === 'help') {
    process.stdout.write(USAGE)
    return 0
  }
  const controller = new AbortController()
  const interrupt = () => controller.abort()
  process.on('SIGINT', interrupt)
  process.on('SIGTERM', interrupt)
  const target = await openTarget(given)
  try {
    return await runAgainst(target, given, controller.signal)
  } finally {
    await target.stop()
    process.off('SIGINT', interrupt)
    process.off('SIGTERM', interrupt)
  }
}

async function openTarget({ baseUrl, own }: Arguments): Promise<Target> {
  if (baseUrl !== undefined) {
    const servers = { databaseUrl: process.env['DATABASE_URL'], redisUrl: process.env['REDIS_URL'] }
    return { ...servers, gatewayUrls: [baseUrl], env: {}, faults: undefined, stop: async () => undefined }
  }
  // The module is imported only when it is needed, because loading the gateway's own modules takes a second.
  const { startOwnGateway } = await import('./gateway/own-gateway.ts')
  const { url, tokens, ...servers } = await startOwnGateway(own)
  return { ...servers, env: { BASE_URL: url, TOKENS: tokens.join(',') } }
}

async function runAgainst(target: Target, given: Arguments, signal: AbortSignal): Promise<number> {
  const observer = await Observer.open(target)
  const timeline = new Timeline(() => performance.now())
  const checks = new CheckCounts()
  let observing: NodeJS.Timeout | undefined
  const readings: Counters[] = []
  let faults: readonly DoneFault[] = []
  let requests = 0
  let last: Progress | undefined
  let printedAt = 0
  const observe = async () => {
    const counters = await observer.read()
    timeline.addCounters(counters)
    readings.push(counters)
  }
  try {
    const result = await runTest({
      script: given.script,
      env: { ...given.env, ...target.env },
      run: 'main',
      signal,
      onProgress: (progress) => {
        last = progress
        if (given.isQuiet || progress.elapsedMs - printedAt < PROGRESS_MS) return
        printedAt = progress.elapsedMs
        process.stderr.write(`${progressLines(progress, false)}\n`)
      },
      onFailure: (message) => process.stderr.write(`load: an iteration failed: ${message}\n`),
      onSample: (sample) => {
        if (sample.metric === 'http_reqs') requests++
        timeline.add(sample)
        checks.add(sample)
      },
      onStart: async (plannedMs) => {
        timeline.start()
        await observe()
        timeline.start()
        target.faults?.begin(plannedMs, ({ second, what }) => process.stderr.write(`load: ${what} at ${second.toFixed(1)} s\n`))
        observing = setInterval(() => void observe().catch(() => undefined), OBSERVE_MS)
      },
      onEnd: async () => {
        clearInterval(observing)
        await observe()
        faults = (await target.faults?.end()) ?? []
      },
    })
    try {
      const { registry, durationMs, maxLagMs } = result
      const costs = costsOf({ readings, requests, durationMs, registry, generatorLagMs: maxLagMs })
      await conclude(result, { checks, costs, timeline, given, last, faults })
      return exitCodeOf(result, signal)
    } finally {
      result.close()
    }
  } finally {
    clearInterval(observing)
    await observer.close()
  }
}

interface Conclusion {
  readonly checks: CheckCounts
  readonly costs: Costs
  readonly timeline: Timeline
  readonly given: Arguments
  readonly last: Progress | undefined
  readonly faults: readonly DoneFault[]
}

async function conclude(result: TestResult, { checks, costs, timeline, given, last, faults }: Conclusion): Promise<void> {
  await writeSummary(result, checks.rows())
  if (last) process.stdout.write(`${progressLines(last, true)}\n\n`)
  const width = Math.max(...costRows(costs).map(([name]) => name.length))
  for (const [name, value] of costRows(costs)) process.stdout.write(`${name.padEnd(width)}  ${value}\n`)
  const crossed = result.thresholds.crossed()
  if (crossed.length > 0) process.stderr.write(`load: thresholds on metrics '${crossed.join(', ')}' have been crossed\n`)
  if (result.aborted) process.stderr.write(`load: ${result.aborted.code}: ${result.aborted.message}\n`)
  if (given.out === undefined) return
  const summary = summaryData(result, checks.rows())
  const hasPassed = crossed.length === 0 && result.aborted === undefined
  await writeReport(given.out, { name: given.name, finishedAt: Date.now(), hasPassed, costs, faults, seconds: timeline.seconds(), summary })
  process.stdout.write(`\nreport: ${given.out}/report.html\n`)
}

function exitCodeOf({ thresholds, aborted }: TestResult, signal: AbortSignal): number {
  if (aborted) return aborted.exitCode
  if (thresholds.crossed().length > 0) return EXIT.thresholdsCrossed
  return signal.aborted ? EXIT.externalAbort : 0
}
