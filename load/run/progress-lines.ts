import type { Progress } from './run-test.ts'

/** Formats the progress of a load test as k6 does. @param isEnd True for the last lines, after the test has ended. */
export function progressLines({ elapsedMs, completed, interrupted, scenarios }: Progress, isEnd: boolean): string {
  const initialized = scenarios.reduce((sum, scenario) => sum + scenario.initialized, 0)
  const active = scenarios.reduce((sum, scenario) => sum + scenario.active, 0)
  const users = `${String(active).padStart(String(initialized).length, '0')}/${initialized} VUs`
  const head = `running (${seconds(elapsedMs)}), ${users}, ${completed} complete and ${interrupted} interrupted iterations`
  const width = Math.max(...scenarios.map(({ name }) => name.length))
  const lines = scenarios.map(({ name, elapsedMs: elapsed, durationMs, active: busy, initialized: all }) => {
    const isDone = elapsed >= durationMs
    const mark = isEnd ? (isDone ? ' ✓' : ' ✗') : ''
    const percent = String(Math.floor((elapsed / durationMs) * 100)).padStart(3)
    return `${name.padEnd(width)}${mark} [ ${percent}% ] ${busy}/${all} VUs  ${seconds(elapsed)}/${seconds(durationMs)}`
  })
  return [head, ...lines].join('\n')
}

function seconds(ms: number): string {
  const whole = Math.floor(ms / 60_000)
  return `${whole}m${((ms % 60_000) / 1000).toFixed(1).padStart(4, '0')}s`
}
