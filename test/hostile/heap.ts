import type { Tally } from './fuzz-run.ts'
import type { HostileGateway } from './hostile-gateway.ts'
import type { HostileRequest } from './request.ts'

/** Heap growth caused by an accepted operation in a new process. */
export interface HeapFigure {
  readonly request: HostileRequest
  /** Median over several processes, bytes. */
  readonly growth: number
  readonly limit: number
}

const PROCESSES = 3

/** Measures the accepted operations that took the most memory, each in new processes. */
export async function measureHeap(
  tally: Tally,
  operations: number,
  limit: number,
  start: () => Promise<HostileGateway>,
): Promise<readonly HeapFigure[]> {
  const dearest = [...tally.dearest.values()].sort((a, b) => b.outcome.heapGrowth - a.outcome.heapGrowth).slice(0, operations)
  const figures: HeapFigure[] = []
  for (const { request } of dearest) {
    const growths: number[] = []
    for (let number = 0; number < PROCESSES; number++) {
      const gateway = await start()
      try {
        const { heapGrowth, failure } = await gateway.measure(request)
        growths.push(failure === undefined ? heapGrowth : Number.POSITIVE_INFINITY)
      } finally {
        await gateway.stop()
      }
    }
    growths.sort((a, b) => a - b)
    figures.push({ request, growth: growths[Math.floor(PROCESSES / 2)] ?? 0, limit })
  }
  return figures
}
