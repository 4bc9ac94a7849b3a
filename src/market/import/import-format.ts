import type { ImportMarket } from './import-market.ts'
import type { CsvShape } from './read-csv-rows.ts'
import type { Row } from './row.ts'

export type AddedKind = 'domains' | 'top-level domains' | 'buyers' | 'calls' | 'bids' | 'events'

/** Result of writing one batch of drafts. The summary of the import adds up these numbers. */
export interface Written {
  readonly added: Readonly<Partial<Record<AddedKind, number>>>
  /** Number of existing rows that got a new value. */
  readonly updated: number
  /** Number of existing rows that stay unchanged. */
  readonly present: number
}

/** Import of one file: converts its rows to drafts (rows of the market's tables) and writes the drafts. */
export interface FormatRun<Draft> {
  /**
   * Converts a row of the file to the drafts that are written for it: none, one or several.
   * @throws ProblemError for a wrong value; LeftOut for a row that the market cannot store. LeftOut is thrown before any draft of the row
   * is yielded.
   */
  map(row: Row): Iterable<Draft>
  /** Called after the last row. Yields the drafts that remain. @throws ProblemError if the file is incomplete. */
  end?(): Iterable<Draft>
  write(drafts: readonly Draft[]): Promise<Written>
  /** Facts about the file that the operator should know, in whole sentences. */
  notes?(): readonly string[]
}

/** A format of files: how files of this format are recognised, read, and mapped to the market. */
export interface ImportFormat<Draft = unknown> {
  readonly name: string
  /** Matches the base names of the files that have this format. */
  readonly files: RegExp
  readonly rows: CsvShape | 'json'
  /** Begins the import of a file. @param file Base name of the file. */
  begin(market: ImportMarket, file: string): Promise<FormatRun<Draft>>
}
