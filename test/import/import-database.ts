import { mkdtemp, readFile, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { sql } from 'kysely'
import { formatOf } from '#src/market/import/formats.ts'
import { type ImportedFile, importFile, type RefusedFile } from '#src/market/import/import-file.ts'
import { problemLine } from '#src/market/import/problem.ts'
import { createScratchDatabase, type ScratchDatabase } from '../modules/scratch-database.ts'
import { temporaryFolder } from '../servers/temporary-folder.ts'

/** Folder with the excerpts of the data sets. */
export const cuts = join(import.meta.dirname, '../fixtures/data')

const now = '2026-03-31T12:00:00.000Z'

/** One file of each format, as a path below the folder of the data sets, in the order of their import. */
export const files = [
  'tlds/tlds.json',
  'tlds/tld-registries.csv',
  'opendns-domains/opendns-top-domains.txt',
  'top-sites/top-sites.json',
  'opendns-domains/opendns-random-domains.txt',
  'prebid-openrtb/buyers.csv',
  'prebid-openrtb/bids.csv',
  'nab-hourly/realAdExchange/exchange-2_cpc_results.csv',
  'nab-hourly/realAdExchange/exchange-2_cpm_results.csv',
  'nab-hourly/hourly_by_buyer.csv',
  'bat-traffic/traffic_share.csv',
] as const

export interface ImportDatabase extends ScratchDatabase {
  /** Imports one file into a tenant. */
  take(path: string, tenant: string): Promise<ImportedFile | RefusedFile>
  /** Imports one file, and fails if the file is rejected. */
  takeWhole(path: string, tenant: string): Promise<ImportedFile>
  /** Returns the number of rows of every table of the product. */
  counts(): Promise<Readonly<Record<string, number>>>
  rows(statement: string): Promise<readonly unknown[]>
  /** Writes a file into a new folder. @returns the path of the file. */
  write(name: string, content: string): Promise<string>
  /** Writes a modified copy of an excerpt under the same file name into a new folder. @returns the path of the copy. */
  changedCopy(file: string, change: (lines: string[]) => void): Promise<string>
}

export async function createImportDatabase(): Promise<ImportDatabase> {
  const scratch = await createScratchDatabase()
  const { db } = scratch
  const folder = await temporaryFolder('import')
  const write = async (name: string, content: string) => {
    const path = join(await mkdtemp(join(folder.path, 'file-')), name)
    await writeFile(path, content)
    return path
  }
  const take = (path: string, tenant: string) => {
    const format = formatOf(basename(path))
    if (typeof format === 'string') throw new Error(`${path}: ${format}`)
    return importFile(db, { path, format, tenant, now })
  }
  return {
    ...scratch,
    take,
    async takeWhole(path, tenant) {
      const result = await take(path, tenant)
      if ('problems' in result) throw new Error(result.problems.map((problem) => problemLine(path, problem)).join('\n'))
      return result
    },
    async counts() {
      const { rows } = await sql<{ tablename: string }>`select tablename from pg_tables where schemaname = 'public' order by 1`.execute(db)
      const counted: Record<string, number> = {}
      for (const { tablename } of rows) {
        const { rows: sums } = await sql<{ count: number }>`select count(*) as count from ${sql.table(tablename)}`.execute(db)
        counted[tablename] = Number(sums[0]?.count)
      }
      return counted
    },
    rows: async (statement) => (await sql.raw(statement).execute(db)).rows,
    write,
    async changedCopy(file, change) {
      const lines = (await readFile(join(cuts, file), 'utf8')).split('\n')
      change(lines)
      return write(basename(file), lines.join('\n'))
    },
    async drop() {
      await folder.remove()
      await scratch.drop()
    },
  }
}
