/**
 * Preloaded into a gateway under test (`node --import`). While its parent process has a request measured, it records the CPU time of
 * each turn of the event loop and the heap after it. CPU time, because other processes on the machine do not count.
 */
import { getHeapStatistics } from 'node:v8'

export interface MeterCommand {
  readonly meter: 'begin' | 'end'
}

export interface MeterReply {
  readonly meter: 'begun' | 'ended'
  /** CPU time of the longest turn, ms. */
  readonly worstTurnMs: number
  /** Most that the heap and the buffers grew, bytes. */
  readonly heapGrowth: number
}

/** The heap is looked at after turns that took so long. */
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
    // The loop never sleeps while a callback waits here: two callbacks are one turn apart.
    if (measuring) setImmediate(turn)
    else reply('ended')
  }
  const reply = (meter: MeterReply['meter']) => {
    const report: MeterReply = { meter, worstTurnMs: worstUs / 1000, heapGrowth: Math.max(0, peak - heapAtBegin) }
    if (process.connected) process.send?.(report)
  }
  process.on('message', ({ meter }: MeterCommand) => {
    if (meter === 'end') {
      measuring = false
      return
    }
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
  // Without its parent nobody would ever stop it.
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
