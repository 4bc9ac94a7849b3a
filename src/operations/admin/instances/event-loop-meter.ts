import { type EventLoopUtilization, performance } from 'node:perf_hooks'

/** Number of readings that are kept: a process reports every two seconds, so these are the last minute. */
const READINGS = 31
/** Number of readings below which a share says nothing, because a process is busy while it starts. */
const MIN_READINGS = 10

/** Measures for which share of the last minute the event loop of this process was busy. */
export class EventLoopMeter {
  readonly #read: () => EventLoopUtilization
  readonly #readings: EventLoopUtilization[] = []

  /** @param read Returns the times since the start of the process for which the event loop was busy and idle. Default: those of Node. */
  constructor(read: () => EventLoopUtilization = () => performance.eventLoopUtilization()) {
    this.#read = read
  }

  /** Takes a reading. Returns the share since the oldest reading that is kept, 0 to 1; undefined in the first seconds of the process. */
  sample(): number | undefined {
    const newest = this.#read()
    this.#readings.push(newest)
    if (this.#readings.length > READINGS) this.#readings.shift()
    const [oldest] = this.#readings
    if (!oldest || this.#readings.length < MIN_READINGS) return undefined
    const [active, idle] = [newest.active - oldest.active, newest.idle - oldest.idle]
    return active + idle <= 0 ? undefined : active / (active + idle)
  }
}
