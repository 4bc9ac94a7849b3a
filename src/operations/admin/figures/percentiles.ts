import type { LatencyFigures } from '../../telemetry/usage.ts'

/** Returns the duration that this share of the answers of an outcome did not exceed, ms; null without answers. It is rounded up to a range. */
export function percentileMs(latency: readonly LatencyFigures[], outcome: LatencyFigures['outcome'], share: number): number | null {
  const ranges = latency
    .filter((one) => one.outcome === outcome && one.count > 0)
    .map(({ upToMs, count }) => ({ upToMs: Number(upToMs), count }))
    .toSorted((a, b) => a.upToMs - b.upToMs)
  let left = Math.ceil(share * ranges.reduce((sum, { count }) => sum + count, 0))
  for (const { upToMs, count } of ranges) {
    left -= count
    if (left <= 0) return upToMs
  }
  return null
}
