/**
 * Preloaded into a gateway under test (`node --import`). While the parent process measures a request, this code records
 * the CPU time of each turn of the event loop and the size of the heap. CPU time is used so that other processes on the
 * machine do not influence the result.
 */
import { getHeapStatistics } from 'node:v8'

export interface MeterCommand {
  readonly meter: 'begin' | 'end'
}

export interface MeterReply {
  readonly meter: 'begun' | 'ended'
  /** CPU time of the longest turn, ms. */
  readonly worstTurnMs: number
  /** Maximum growth of the heap and of the buffers, bytes. */
  readonly heapGrowth: number
}

/** The size of the heap is read only after turns that took at least this long. */
const NOTABLE_TURN_US = 500

function startAnswering(): void {
  let measuring = false
  let lastUs = 0
  let worstUs = 0
  let heapAtBegin = 0
  let peak = 0

  const turn = () => {
    const nowUs = cpuUs()
    const tookUs = nowUs - lastUs
    worstUs = Math.max(worstUs, tookUs)
    if (tookUs > NOTABLE_TURN_US) peak = Math.max(peak, heapBytes())
    lastUs = cpuUs()
    // An immediate callback is always pending, so the event loop never sleeps, and two callbacks are exactly one turn
    // apart.
    if (measuring) setImmediate(turn)
    else reply('ended')
  }
  const reply = (meter: MeterReply['meter']) => {
    const report: MeterReply = { meter, worstTurnMs: worstUs / 1000, heapGrowth: Math.max(0, peak - heapAtBegin) }
    if (process.connected) process.send?.(report)
  }
  process.on('message', ({ meter }: Partial<MeterCommand>) => {
    if (meter === 'end') measuring = false
    if (meter !== 'begin') return
    globalThis.gc?.()
    heapAtBegin = heapBytes()
    peak = heapAtBegin
    worstUs = 0
    measuring = true
    setImmediate(() => {
      lastUs = cpuUs()
      reply('begun')
      setImmediate(turn)
    })
  })
  // Exits with the parent process, because no other process would stop this process.
  process.on('disconnect', () => process.exit(1))
}

function cpuUs(): number {
  const { user, system } = process.threadCpuUsage()
  return user + system
}

function heapBytes(): number {
  const { used_heap_size: used, external_memory: external } = getHeapStatistics()
  return used + external
}

startAnswering()
