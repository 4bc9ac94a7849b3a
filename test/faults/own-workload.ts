import { monitorEventLoopDelay } from 'node:perf_hooks'
import { setTimeout as pause } from 'node:timers/promises'
import type { Layer } from '#src/engine/cache/index.ts'
import { Random } from '#src/market/seed/random.ts'
import { percentiles } from './percentiles.ts'
import type { ReadResult, WorkloadCall, WorkloadFigures } from './protocol.ts'
import type { ServedThings } from './served-things.ts'

const SLICE_MS = 5
const MAX_ANOMALIES = 20

/** Starts reads and writes at the given rates for the given time, without waiting for earlier operations to end. */
export async function runOwnWorkload(things: ServedThings, call: WorkloadCall): Promise<WorkloadFigures> {
  const { tenants, keys, batch = 1, forMs, readsPerSecond, writesPerSecond, seed } = call
  const random = new Random(`own workload ${seed}`)
  const acknowledged = new Map<string, number>()
  const readMs: number[] = []
  const writeMs: number[] = []
  const layers: Partial<Record<Layer, number>> = {}
  const anomalies: string[] = []
  let readErrors = 0
  let writeErrors = 0

  const judge = (tenant: string, id: number, atLeast: number, result: ReadResult) => {
    if ('error' in result) {
      readErrors++
      return
    }
    layers[result.layer] = (layers[result.layer] ?? 0) + 1
    if (anomalies.length === MAX_ANOMALIES) return
    if ((result.version ?? 0) < atLeast) anomalies.push(`${tenant}/${id}: gave ${result.version}, had acknowledged ${atLeast}`)
    if (result.payload !== null && !result.payload.startsWith(`${tenant}/${id}/`)) anomalies.push(`${tenant}/${id}: gave another row`)
  }
  const read = async () => {
    const tenant = random.pick(tenants)
    const ids = [...new Set(Array.from({ length: batch }, () => random.integer(1, keys)))]
    const atLeast = ids.map((id) => acknowledged.get(`${tenant}/${id}`) ?? 0)
    const startedAt = performance.now()
    const results = await things.read({ kind: 'read', tenant, ids })
    readMs.push(performance.now() - startedAt)
    ids.forEach((id, index) => {
      judge(tenant, id, atLeast[index] as number, results[index] as ReadResult)
    })
  }
  const write = async () => {
    const tenant = random.pick(tenants)
    const id = random.integer(1, keys)
    const startedAt = performance.now()
    const result = await things.write({ kind: 'write', tenant, id })
    writeMs.push(performance.now() - startedAt)
    if ('error' in result) writeErrors++
    else acknowledged.set(`${tenant}/${id}`, Math.max(result.version, acknowledged.get(`${tenant}/${id}`) ?? 0))
  }

  const lag = monitorEventLoopDelay({ resolution: 1 })
  lag.enable()
  const startedAt = performance.now()
  const running = new Set<Promise<void>>()
  const launch = (operation: () => Promise<void>) => {
    const run = operation().finally(() => running.delete(run))
    running.add(run)
  }
  let reads = 0
  let writes = 0
  for (;;) {
    const elapsedMs = Math.min(performance.now() - startedAt, forMs)
    for (; reads < (elapsedMs / 1000) * readsPerSecond; reads++) launch(read)
    for (; writes < (elapsedMs / 1000) * writesPerSecond; writes++) launch(write)
    if (elapsedMs >= forMs) break
    await pause(SLICE_MS)
  }
  await Promise.all(running)
  lag.disable()
  const loopLagMs = { p50: lag.percentile(50) / 1e6, p99: lag.percentile(99) / 1e6, max: lag.max / 1e6 }
  return {
    reads,
    readErrors,
    writes,
    writeErrors,
    anomalies,
    layers,
    readMs: percentiles(readMs),
    writeMs: percentiles(writeMs),
    loopLagMs,
  }
}
