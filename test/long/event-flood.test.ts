import { afterEach, describe, expect, it } from 'vitest'
import { runFlood } from '../faults/event-flood/run-flood.ts'
import { FaultRun } from '../faults/fault-run.ts'
import { makeRelease, type Patch, type Release } from '../system/release.ts'

/** Patches for a program that acknowledges events about one second before it stores them. */
const ACKNOWLEDGES_EARLY: readonly Patch[] = [
  {
    file: 'src/market/modules/analytics/event-recorder.ts',
    from: 'waiting.push({ tenant, events, resolve, reject })',
    to: 'resolve({ accepted: events.length, duplicates: 0, rejected: [] })\n        waiting.push({ tenant, events, resolve, reject })',
  },
  { file: 'src/app.ts', from: 'const FLUSH_DELAY_MS = 5', to: 'const FLUSH_DELAY_MS = 1000' },
]

let release: Release | undefined
let run: FaultRun | undefined

afterEach(async () => {
  await run?.end()
  await release?.remove()
})

describe('the fault F30 (a flood of analytics events)', () => {
  it('reveals lost events in a gateway that acknowledges events before they are committed', async () => {
    release = await makeRelease('early-acknowledgement', ACKNOWLEDGES_EARLY)
    const folder = release.folder
    run = new FaultRun({ quick: true, seed: 1 })
    const { anomalies, firstAnomalies } = await run.run({ id: 'F30', title: 'broken', run: (context) => runFlood(context, folder) })
    expect(anomalies).toBeGreaterThan(10)
    expect(firstAnomalies.join('\n')).toContain('acknowledged events are missing')
  }, 120_000)
})
