/**
 * Compares the miss-ratio curve, which simulates a sample of the keys, with full simulations on recorded accesses. The command is
 * `node bench/cache/miss-ratio-curve.ts [--trace name ...] [--size entries]`. The script reads the recorded accesses from files in the
 * folder DATA_DIR.
 */
import { parseArgs } from 'node:util'
import { BoundedCache } from '#src/engine/cache/memory/bounded-cache.ts'
import { CURVE_SCALES, MissRatioCurve } from '#src/engine/cache/memory/miss-ratio-curve.ts'
import { table } from './table.ts'
import { readTraces } from './traces.ts'

/** Time between two reads in a replay, ms. */
const BETWEEN_READS_MS = 4

/** Reads keys through a cache of a size, with a curve beside it, and returns the curve. */
function curveOf(keys: readonly string[], size: number): MissRatioCurve {
  let now = 0
  const curve = new MissRatioCurve({ monotonic: () => now }, size, 0.5)
  const hashes = new Map(keys.map((key) => [key, curve.hashOf(key)]))
  const seen = new Set<string>()
  readAll(keys, size, (key, isHit) => {
    now += BETWEEN_READS_MS
    const hash = hashes.get(key) as number
    if (isHit) curve.hit(key, hash, 1, Number.POSITIVE_INFINITY)
    else {
      curve.miss(key, hash, seen.has(key))
      curve.stored(key, hash, 1, Number.POSITIVE_INFINITY)
    }
    seen.add(key)
  })
  return curve
}

/** Returns the differences between the curve and a full simulation of each size, as shares of the reads. */
export function curveErrors(keys: readonly string[], size: number): readonly number[] {
  const points = curveOf(keys, size).estimate()?.points ?? []
  return CURVE_SCALES.map((scale, index) => {
    let misses = 0
    readAll(keys, Math.max(1, Math.floor(size * scale)), (_, isHit) => {
      if (!isHit) misses++
    })
    return (points[index]?.missRatio ?? Number.NaN) - misses / keys.length
  })
}

function readAll(keys: readonly string[], size: number, observe: (key: string, isHit: boolean) => void): void {
  const cache = new BoundedCache<true>({
    env: { random: randomNumbers() },
    maxWeight: size,
    tenantQuota: 0.5,
    isExpired: () => false,
    onEvict: () => undefined,
  })
  for (const key of keys) {
    const isHit = cache.get(key) === true
    if (!isHit) cache.set(key, true, 1)
    observe(key, isHit)
  }
}

/** Returns a generator of the same random numbers in each run. */
function randomNumbers(): () => number {
  let state = 1
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state / 2 ** 32
  }
}

if (import.meta.main) {
  const { values } = parseArgs({ options: { trace: { type: 'string', multiple: true }, size: { type: 'string' } } })
  const rows: Record<string, string>[] = []
  for await (const { name, accesses, sizes } of readTraces(process.env['DATA_DIR'] ?? '../shared/data', values.trace)) {
    const keys = Array.from(accesses, (key) => `trace:${key}`)
    const size = Number(values.size ?? sizes[sizes.length >> 1])
    // Runs before the CPU time is measured, so that the code is compiled by then.
    const errors = curveErrors(keys, size).map((error) => (100 * error).toFixed(1))
    const withCurve = cpuOf(() => curveOf(keys, size))
    const without = cpuOf(() => readAll(keys, size, () => undefined))
    const us = (withCurve - without) / keys.length
    rows.push({
      trace: name,
      entries: String(size),
      reads: String(keys.length),
      'error, points': errors.join(', '),
      'CPU us a read': us.toFixed(2),
    })
  }
  process.stdout.write(table(rows))
}

/** Returns the CPU time that work takes, us. */
function cpuOf(work: () => unknown): number {
  const before = process.cpuUsage()
  work()
  const { user, system } = process.cpuUsage(before)
  return user + system
}
