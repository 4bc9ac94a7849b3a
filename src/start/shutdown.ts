/** The part of a process that ends it. */
export interface StoppableProcess {
  on(signal: 'SIGTERM' | 'SIGINT', listener: (signal: NodeJS.Signals) => void): unknown
  exit(code: number): void
}

export interface ShutdownOptions {
  readonly process: StoppableProcess
  /** A worker gets a signal from the terminal and again from its primary: the second one is no sign of impatience. */
  readonly isWorker: boolean
  readonly setTimer: (callback: () => void, delayMs: number) => { cancel(): void }
}

export interface Stop {
  /** Ends what has been opened. The process exits with the code that it resolves with. */
  readonly run: (signal: NodeJS.Signals) => Promise<number>
  /** After this the process exits without waiting any longer, ms. */
  readonly timeoutMs: number
  readonly onTimeout: () => number
}

/**
 * Ends the process at SIGTERM and SIGINT, whatever it is doing. It listens from the moment it is made, so that a process that is
 * the first of a container, for which a signal without a listener has no effect, can be stopped while it starts.
 */
export class Shutdown {
  readonly #options: ShutdownOptions
  #stop: Stop | undefined
  #signal: NodeJS.Signals | undefined

  constructor(options: ShutdownOptions) {
    this.#options = options
    options.process.on('SIGTERM', (signal) => this.#begin(signal))
    options.process.on('SIGINT', (signal) => this.#begin(signal))
  }

  /** The signal that came; undefined while nobody has told the process to stop. */
  get signal(): NodeJS.Signals | undefined {
    return this.#signal
  }

  /** Says what is to be done at a signal from now on. Before the first call a signal ends the process at once, with exit code 0. */
  stopBy(stop: Stop): void {
    this.#stop = stop
  }

  #begin(signal: NodeJS.Signals): void {
    const { process, isWorker, setTimer } = this.#options
    if (this.#signal !== undefined) {
      if (!isWorker) process.exit(1)
      return
    }
    this.#signal = signal
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
