import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { gunzip } from 'node:zlib'

/** A trace: recorded accesses to a cache, in their order. */
export interface Trace {
  readonly name: string
  /** Key of each access, as a number from 0 to `keys` - 1. */
  readonly accesses: Uint32Array
  /** Number of different keys in the trace. */
  readonly keys: number
  /** Capacities of the cache at which to measure the hit ratio, in entries. */
  readonly sizes: readonly number[]
}

interface Source {
  readonly name: string
  readonly file: string
  readonly parse: (bytes: Buffer) => Iterable<number | bigint | string>
  readonly sizes: readonly number[]
}

const unpackGzip = promisify(gunzip)
const run = promisify(execFile)
const MAX_TRACE_BYTES = 2 ** 28
const SMALL = [100, 300, 500, 1000]
const MIDDLE = [100, 300, 500, 1000, 1500, 2500, 5000]
const LARGE = [100, 300, 500, 1000, 1500, 2500, 5000, 10_000]

const SOURCES: readonly Source[] = [
  { name: 'web07', file: 'cache2k-traces/web07.trace.xz', parse: int32s, sizes: MIDDLE },
  { name: 'web12', file: 'cache2k-traces/web12.trace.xz', parse: int32s, sizes: MIDDLE },
  // These traces have millions of accesses, so a measurement takes long. They are measured at only three capacities.
  { name: 'orm-busy', file: 'cache2k-traces/orm-busy.trace.xz', parse: int32s, sizes: [500, 1000, 10_000] },
  { name: 'orm-night', file: 'cache2k-traces/orm-night.trace.xz', parse: int32s, sizes: [500, 1000, 10_000] },
  { name: 'corda', file: 'caffeine-traces/corda-trace_vaultservice.gz', parse: int64s, sizes: LARGE },
  { name: 'adapt-size', file: 'caffeine-traces/adapt_size-request.trace.xz', parse: secondColumn, sizes: LARGE },
  ...['loop', 'scan', 'zigzag', 'cpp', 'cs', 'gli', 'ps', 'multi1', 'multi2', 'multi3', 'sprite', '2_pools'].map((name) => ({
    name,
    file: `caffeine-traces/lirs-${name}.trace.gz`,
    parse: lines,
    sizes: ['multi1', 'multi2', 'multi3', 'sprite', '2_pools'].includes(name) ? MIDDLE : SMALL,
  })),
]

/**
 * Reads the traces (recorded accesses) from the files in a folder, one after the other, so that only one trace is in memory.
 * @param only Names of the traces to read. Default: all traces.
 * @throws when a file is missing, or `xz` is not installed.
 */
export async function* readTraces(folder: string, only?: readonly string[]): AsyncGenerator<Trace> {
  for (const { name, file, parse, sizes } of SOURCES) {
    if (only && !only.includes(name)) continue
    const numbers = new Map<number | bigint | string, number>()
    const accesses: number[] = []
    for (const key of parse(await unpack(join(folder, file)))) {
      let number = numbers.get(key)
      if (number === undefined) {
        number = numbers.size
        numbers.set(key, number)
      }
      accesses.push(number)
    }
    yield { name, accesses: Uint32Array.from(accesses), keys: numbers.size, sizes }
  }
}

async function unpack(path: string): Promise<Buffer> {
  if (path.endsWith('.gz')) return unpackGzip(await readFile(path))
  return (await run('xz', ['--decompress', '--stdout', path], { encoding: 'buffer', maxBuffer: MAX_TRACE_BYTES })).stdout
}

function* int32s(bytes: Buffer): Generator<number> {
  for (let at = 0; at + 4 <= bytes.length; at += 4) yield bytes.readInt32BE(at)
}

function* int64s(bytes: Buffer): Generator<bigint> {
  for (let at = 0; at + 8 <= bytes.length; at += 8) yield bytes.readBigInt64BE(at)
}

/** Yields one block number per line of a trace. Lines with an asterisk are marks of the recorder and are skipped. */
function* lines(bytes: Buffer): Generator<string> {
  for (const line of bytes.toString('latin1').split('\n')) {
    const block = line.trim()
    if (block !== '' && block !== '*') yield block
  }
}

function* secondColumn(bytes: Buffer): Generator<string> {
  for (const line of lines(bytes)) yield line.split(/\s+/)[1] ?? ''
}
