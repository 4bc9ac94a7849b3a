/**
 * Measures the hit ratio of tidegate's memory tier on recorded accesses. For comparison, also measures the hit ratios of plain LRU and of
 * the optimal policy. The command is `node bench/cache/hit-ratio.ts [--trace name ...] [--size entries ...] [--json file]`. The script
 * reads the recorded accesses from files in the folder DATA_DIR.
 */
import { writeFile } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import { LRUCache } from 'lru-cache'
import { BoundedCache } from '#src/engine/cache/memory/bounded-cache.ts'
import type { Env } from '#src/engine/cache/model/env.ts'
import { beladyHits } from './belady.ts'
import { readTraces, type Trace } from './traces.ts'

/** Hit ratios of one trace (recorded accesses) at one capacity, in percent of the accesses. */
export interface Row {
  readonly trace: string
  readonly accesses: number
  readonly keys: number
  /** Capacity of the cache, in entries. */
  readonly size: number
  readonly lru: number
  readonly tidegate: number
  /** Hit ratio of the optimal policy, which knows all future accesses. No policy can exceed it. */
  readonly belady: number
}

export interface Selection {
  /** Folder with the files of recorded accesses. Default: DATA_DIR, else ../shared/data. */
  readonly folder?: string
  readonly traces?: readonly string[]
  /** Capacities to measure, in entries. Default: the capacities that suit each trace. */
  readonly sizes?: readonly number[]
  readonly onRow?: (row: Row) => void
}

/** Measures the hit ratios of each trace (recorded accesses) at each capacity. @throws when a file is missing, or `xz` is not installed. */
export async function hitRatios({ folder, traces, sizes, onRow }: Selection = {}): Promise<Row[]> {
  const rows: Row[] = []
  for await (const trace of readTraces(folder ?? process.env['DATA_DIR'] ?? '../shared/data', traces)) {
    const percent = (hits: number) => (100 * hits) / trace.accesses.length
    for (const size of sizes ?? trace.sizes) {
      const row = {
        trace: trace.name,
        accesses: trace.accesses.length,
        keys: trace.keys,
        size,
        lru: percent(lruHits(trace, size)),
        tidegate: percent(tidegateHits(trace, size)),
        belady: percent(beladyHits(trace.accesses, trace.keys, size)),
      }
      rows.push(row)
      onRow?.(row)
    }
  }
  return rows
}

function lruHits({ accesses }: Trace, size: number): number {
  const cache = new LRUCache<number, true>({ max: size })
  let hits = 0
  for (const key of accesses) {
    if (cache.get(key)) hits++
    else cache.set(key, true)
  }
  return hits
}

function tidegateHits({ accesses, keys }: Trace, size: number): number {
  const texts = Array.from({ length: keys }, (_, key) => `trace:${key}`)
  const cache = new BoundedCache<true>({
    env: repeatableEnv(),
    maxWeight: size,
    tenantQuota: 0.5,
    isExpired: () => false,
    onEvict: () => undefined,
  })
  let hits = 0
  for (const key of accesses) {
    const text = texts[key] as string
    if (cache.get(text)) hits++
    else cache.set(text, true, 1)
  }
  return hits
}

/** Returns an environment for the cache in which the clock stands still and the random numbers are the same in each run. */
function repeatableEnv(): Env {
  let state = 1
  return {
    now: () => 0,
    monotonic: () => 0,
    random: () => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0
      return state / 2 ** 32
    },
    setTimer: () => ({ cancel: () => undefined }),
    defer: () => undefined,
  }
}

function line(cells: readonly string[]): string {
  return `${cells.map((cell, column) => (column === 0 ? cell.padEnd(12) : cell.padStart(9))).join('')}\n`
}

function print({ trace, size, lru, tidegate, belady }: Row): void {
  const points = tidegate - lru
  const cells = [
    trace,
    String(size),
    lru.toFixed(2),
    tidegate.toFixed(2),
    belady.toFixed(2),
    `${points < 0 ? '' : '+'}${points.toFixed(2)}`,
  ]
  process.stdout.write(line(cells))
}

if (import.meta.main) {
  const { values } = parseArgs({
    options: {
      trace: { type: 'string', multiple: true },
      size: { type: 'string', multiple: true },
      json: { type: 'string' },
    },
  })
  process.stdout.write(line(['trace', 'entries', 'LRU %', 'ours %', 'best %', 'points']))
  const rows = await hitRatios({
    ...(values.trace && { traces: values.trace }),
    ...(values.size && { sizes: values.size.map(Number) }),
    onRow: print,
  })
  if (values.json !== undefined) await writeFile(values.json, `${JSON.stringify(rows, null, 2)}\n`)
}
