import assert from 'node:assert/strict'
import { setTimeout as pause } from 'node:timers/promises'

const INTERVAL_MS = 4

/**
 * Asks again and again until the answer is yes.
 * @returns how long that took, ms.
 * @throws AssertionError when it took longer than `withinMs`; `what` says what was waited for.
 */
export async function until(isSo: () => Promise<boolean>, withinMs: number, what: string): Promise<number> {
  const startedAt = performance.now()
  for (;;) {
    const askedAt = performance.now()
    if (await isSo()) return performance.now() - startedAt
    assert.ok(askedAt - startedAt <= withinMs, `${what}: not within ${withinMs} ms`)
    await pause(INTERVAL_MS)
  }
}
