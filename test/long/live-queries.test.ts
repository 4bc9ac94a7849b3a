import { afterEach, describe, expect, it } from 'vitest'
import { FaultRun } from '../faults/fault-run.ts'
import { runLive } from '../faults/live/run-live.ts'
import { makeRelease, type Patch, type Release } from '../system/release.ts'

/**
 * Patches for a program whose live queries hear of single rows, but not that everything may have changed, neither from the log nor because it could not be read for
 * a time. One of the two alone is enough to notice a failover.
 */
const DEAF_TO_RESETS: readonly Patch[] = [
  {
    file: 'src/gateway/live/live-queries.ts',
    from: '    const everything = this.#options.cache.enabled',
    to: "    if (tags === 'everything') return\n    const everything = this.#options.cache.enabled",
  },
  { file: 'src/gateway/live/live-queries.ts', from: '(wasLost || group.isDoubtful)', to: 'group.isDoubtful' },
]

let release: Release | undefined
let run: FaultRun | undefined

afterEach(async () => {
  await run?.end()
  await release?.remove()
})

describe('the fault F32 (live queries through restarts and a failover)', () => {
  it('reveals a gateway whose streams keep lost writes after a failover', async () => {
    release = await makeRelease('live', DEAF_TO_RESETS)
    const { folder } = release
    run = new FaultRun({ quick: true, seed: 1 })
    const running = run.run({ id: 'F32', title: 'broken', run: (context) => runLive(context, folder) })
    await expect(running).rejects.toThrow(/each stream shows the state that survived.*shows flood/)
  }, 120_000)
})
