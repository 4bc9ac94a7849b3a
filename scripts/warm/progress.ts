import { SingleBar } from 'cli-progress'

/**
 * Shows the number of completed operations. On a terminal, it shows a progress bar. Elsewhere, it prints a line after each tenth of the
 * operations.
 */
export class WarmProgress {
  readonly #output: NodeJS.WriteStream
  readonly #total: number
  readonly #bar: SingleBar | undefined
  #done = 0

  constructor(output: NodeJS.WriteStream, total: number) {
    this.#output = output
    this.#total = total
    if (output.isTTY)
      this.#bar = new SingleBar({
        stream: output,
        format: 'warming [{bar}] {value} of {total} | {eta_formatted} left',
        clearOnComplete: true,
      })
    this.#bar?.start(total, 0)
  }

  advance(): void {
    const tenthsOf = (done: number) => Math.floor((10 * done) / this.#total)
    const before = tenthsOf(this.#done)
    this.#done++
    this.#bar?.update(this.#done)
    if (!this.#bar && tenthsOf(this.#done) > before) this.#output.write(`${this.#done} of ${this.#total} operations done\n`)
  }

  /** Removes the progress bar. The caller also calls this method after an error. */
  stop(): void {
    this.#bar?.stop()
  }
}
