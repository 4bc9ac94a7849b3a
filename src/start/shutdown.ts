/** The members of `process` that are needed to stop it. */
export interface StoppableProcess {
  on(signal: 'SIGTERM' | 'SIGINT', listener: (signal: NodeJS.Signals) => void): unknown
  exit(code: number): void
}

export interface ShutdownOptions {
  readonly process: StoppableProcess
  /**
   * Whether the process is a worker. A worker gets the same signal from the terminal and again from its primary, so a second signal must
   * not kill it.
   */
  readonly isWorker: boolean
  readonly setTimer: (callback: () => void, delayMs: number) => { cancel(): void }
  /** Monotonic clock, ms. */
  readonly monotonic: () => number
}

/**
 * Time after the first signal within which another signal of the same kind is ignored, ms. After Ctrl-C both the terminal and npm send a
 * signal to the process.
 */
const REPEAT_MS = 1000

export interface Stop {
  /** Closes everything that is open. The process exits with the code that the promise resolves with. */
  readonly run: (signal: NodeJS.Signals) => Promise<number>
  /** Time after which the process exits even if `run` is not finished, ms. */
  readonly timeoutMs: number
  readonly onTimeout: () => number
}

/**
 * Stops the process at SIGTERM and SIGINT, even while it starts. The signal handlers are registered when the object is created. Without a
 * handler, a signal has no effect on a process that is PID 1 of a container.
 */
export class Shutdown {
  readonly #options: ShutdownOptions
  #stop: Stop | undefined
  #signal: NodeJS.Signals | undefined
  #begunAt = 0

  constructor(options: ShutdownOptions) {
    this.#options = options
    options.process.on('SIGTERM', (signal) => this.#begin(signal))
    options.process.on('SIGINT', (signal) => this.#begin(signal))
  }

  /** The signal that was received; undefined as long as there was none. */
  get signal(): NodeJS.Signals | undefined {
    return this.#signal
  }

  /** Sets what a signal does from now on. Before the first call, a signal ends the process immediately with exit code 0. */
  stopBy(stop: Stop): void {
    this.#stop = stop
  }

  #begin(signal: NodeJS.Signals): void {
    const { process, isWorker, setTimer, monotonic } = this.#options
    if (this.#signal !== undefined) {
      const isRepeated = signal === this.#signal && monotonic() - this.#begunAt < REPEAT_MS
      if (!isWorker && !isRepeated) process.exit(1)
      return
    }
    this.#signal = signal
    this.#begunAt = monotonic()
    const stop = this.#stop
    if (!stop) {
      process.exit(0)
      return
    }
    setTimer(() => process.exit(stop.onTimeout()), stop.timeoutMs)
    stop.run(signal).then(
      (code) => process.exit(code),
      () => process.exit(1),
    )
  }
}
