import assert from 'node:assert/strict'
import { setTimeout as pause } from 'node:timers/promises'

const INTERVAL_MS = 4

/**
 * Polls a condition until it is true.
 * @returns the time until then, ms.
 * @throws AssertionError if the condition is not true within `withinMs`. Its message contains `what`.
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
