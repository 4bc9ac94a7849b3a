import type { ReadStream } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { basename } from 'node:path'
import type { Kysely, Transaction } from 'kysely'
import { inTransaction } from '../../engine/postgres/transaction.ts'
import type { Database } from '../tables/tables.ts'
import type { AddedKind, FormatRun, ImportFormat, Written } from './import-format.ts'
import { ImportMarket } from './import-market.ts'
import { LeftOut, type Problem, ProblemError } from './problem.ts'
import { readCsvRows } from './read-csv-rows.ts'
import { readJsonRows } from './read-json-rows.ts'
import type { Row } from './row.ts'

/** Number of problems after which the rest of a file is not read. */
export const MAX_PROBLEMS = 20

/** Number of drafts (rows to write) per statement: large enough that the cost of triggers hardly counts, small enough to hold in memory. */
const DRAFTS_PER_BATCH = 2_000

export interface ImportFileOptions {
  readonly path: string
  readonly format: ImportFormat
  readonly tenant: string
  /** Time of the import, ISO 8601. */
  readonly now: string
  /** Called after each batch with the number of bytes read so far. */
  readonly onProgress?: (bytesRead: number) => void
}

export interface ImportedFile {
  readonly rows: number
  readonly added: Readonly<Partial<Record<AddedKind, number>>>
  readonly updated: number
  readonly present: number
  /**
   * Rows that were left out because the market cannot store them, by reason. Each entry has the number of these rows and the line of the
   * first one.
   */
  readonly leftOut: ReadonlyMap<string, { readonly count: number; readonly firstLine: number }>
  readonly notes: readonly string[]
}

/** Result for a file with problems. No row of the file was stored. */
export interface RefusedFile {
  readonly problems: readonly Problem[]
  /** True if there were so many problems that the rest of the file was not read. */
  readonly isCutShort: boolean
}

/**
 * Imports one file in one transaction: all rows, or none if a single row has a problem. The rows are read and written as a stream, so the
 * memory that the import takes does not depend on the length of the file.
 * @throws the error of the database; then no row of the file is stored either.
 */
export async function importFile(db: Kysely<Database>, options: ImportFileOptions): Promise<ImportedFile | RefusedFile> {
  let file: FileHandle
  try {
    file = await open(options.path)
  } catch (error) {
    return { problems: [unreadable(error)], isCutShort: false }
  }
  const importIt = async (transaction: Transaction<Database>) => {
    const market = await ImportMarket.open(transaction, options.tenant, options.now)
    const run = await options.format.begin(market, basename(options.path))
    return new FileImport(options, run, file.createReadStream({ autoClose: false })).run()
  }
  try {
    // The transaction is not retried, because a second attempt would have to read the file again from its beginning.
    return await inTransaction(db, importIt, { attempts: 1, cause: 'program import' })
  } catch (error) {
    if (error instanceof Refusal) return error.file
    throw error
  } finally {
    await file.close()
  }
}

/** Error that rolls back the transaction of a file with problems. */
class Refusal extends Error {
  readonly file: RefusedFile

  constructor(file: RefusedFile) {
    super('The file has problems.')
    this.file = file
  }
}

class FileImport {
  readonly #options: ImportFileOptions
  readonly #run: FormatRun<unknown>
  readonly #stream: ReadStream
  readonly #problems: Problem[] = []
  readonly #leftOut = new Map<string, { count: number; readonly firstLine: number }>()
  readonly #added: Partial<Record<AddedKind, number>> = {}
  #rows = 0
  #updated = 0
  #present = 0
  #batch: unknown[] = []
  #readError: Error | undefined

  constructor(options: ImportFileOptions, run: FormatRun<unknown>, stream: ReadStream) {
    this.#options = options
    this.#run = run
    this.#stream = stream
    stream.on('error', (error) => {
      this.#readError = error
    })
  }

  /** Imports the rows of the file. @throws Refusal when the file has problems. */
  async run(): Promise<ImportedFile> {
    try {
      for await (const row of this.#read()) {
        await this.#takeRow(row)
        if (this.#problems.length === MAX_PROBLEMS) throw new Refusal({ problems: this.#problems, isCutShort: true })
      }
      await this.#take(() => this.#run.end?.() ?? [])
    } catch (error) {
      if (error === this.#readError) this.#problems.push(unreadable(error))
      else if (error instanceof ProblemError) this.#problems.push(error.problem)
      else throw error
    }
    if (this.#problems.length > 0) throw new Refusal({ problems: this.#problems, isCutShort: false })
    await this.#flush()
    return {
      rows: this.#rows,
      added: this.#added,
      updated: this.#updated,
      present: this.#present,
      leftOut: this.#leftOut,
      notes: this.#run.notes?.() ?? [],
    }
  }

  #read(): AsyncIterable<Row | ProblemError> {
    const { rows } = this.#options.format
    return rows === 'json' ? readJsonRows(this.#stream) : readCsvRows(this.#stream, rows)
  }

  async #takeRow(row: Row | ProblemError): Promise<void> {
    this.#rows += 1
    try {
      if (row instanceof ProblemError) throw row
      await this.#take(() => this.#run.map(row))
    } catch (error) {
      if (error instanceof ProblemError) this.#problems.push(error.problem)
      else if (error instanceof LeftOut && !(row instanceof ProblemError)) this.#countLeftOut(error.reason, row.line)
      else throw error
    }
  }

  async #take(drafts: () => Iterable<unknown>): Promise<void> {
    for (const draft of drafts()) {
      this.#batch.push(draft)
      if (this.#batch.length === DRAFTS_PER_BATCH) await this.#flush()
    }
  }

  /**
   * Writes the current batch of drafts. After the first problem nothing is written any more, because the transaction will be rolled back.
   */
  async #flush(): Promise<void> {
    const batch = this.#batch
    this.#batch = []
    if (batch.length === 0 || this.#problems.length > 0) return
    this.#count(await this.#run.write(batch))
    this.#options.onProgress?.(this.#stream.bytesRead)
  }

  #count({ added, updated, present }: Written): void {
    for (const [kind, count] of Object.entries(added) as [AddedKind, number][]) this.#added[kind] = (this.#added[kind] ?? 0) + count
    this.#updated += updated
    this.#present += present
  }

  #countLeftOut(reason: string, line: number): void {
    const counted = this.#leftOut.get(reason)
    if (counted === undefined) this.#leftOut.set(reason, { count: 1, firstLine: line })
    else counted.count += 1
  }
}

function unreadable(error: unknown): Problem {
  const reason = error instanceof Error ? error.message : String(error)
  return {
    code: 'UNREADABLE',
    line: 0,
    expected: `a file that can be read (${reason})`,
    remedy: 'Correct its permissions, or move it away.',
  }
}
