import { SingleBar } from 'cli-progress'
import type { ImportedFile, RefusedFile } from '#src/market/import/import-file.ts'
import type { FoundFile } from '#src/market/import/import-folder.ts'
import { fileLines } from '#src/market/import/summary.ts'

/**
 * Shows the progress of the import. On a terminal, it shows a bar for the current file; elsewhere, it prints a line for each tenth of a
 * large file.
 */
export class ImportProgress {
  readonly #output: NodeJS.WriteStream
  #bar: SingleBar | undefined
  #tenths = 0

  constructor(output: NodeJS.WriteStream) {
    this.#output = output
  }

  begin({ path, bytes }: FoundFile): void {
    this.#tenths = 0
    if (!this.#output.isTTY) return
    this.#bar = new SingleBar({
      stream: this.#output,
      format: '{file} [{bar}] {percentage} % | {eta_formatted} left',
      clearOnComplete: true,
    })
    this.#bar.start(bytes, 0, { file: path })
  }

  advance({ path, bytes }: FoundFile, bytesRead: number): void {
    this.#bar?.update(bytesRead)
    const tenths = Math.floor((10 * bytesRead) / bytes)
    if (this.#bar !== undefined || bytes < MIN_LARGE_BYTES || tenths === this.#tenths) return
    this.#tenths = tenths
    this.#output.write(`${path}: ${10 * tenths} % read\n`)
  }

  end({ path, format }: FoundFile, result: ImportedFile | RefusedFile): void {
    this.stop()
    for (const line of fileLines(path, format.name, result)) this.#output.write(`${line}\n`)
  }

  /** Removes the progress bar. The caller also calls this method after an error. */
  stop(): void {
    this.#bar?.stop()
    this.#bar = undefined
  }
}

/** Minimum size of a file for which progress lines are printed, bytes. Smaller files are imported so fast that lines would not help. */
const MIN_LARGE_BYTES = 2_000_000
