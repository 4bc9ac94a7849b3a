import { opendir, stat } from 'node:fs/promises'
import { basename, join, relative } from 'node:path'
import { type Kysely, sql } from 'kysely'
import { GatewayError } from '../../errors.ts'
import type { Database } from '../tables/tables.ts'
import { formatOf, formats } from './formats.ts'
import { type ImportedFile, importFile, type RefusedFile } from './import-file.ts'
import type { ImportFormat } from './import-format.ts'

export interface ImportFolderOptions {
  /** Folder whose files are imported, with all its subfolders. */
  readonly path: string
  readonly tenant: string
  /** Time of the import, Unix epoch ms. */
  readonly now: number
  readonly onBegin?: (file: FoundFile) => void
  readonly onProgress?: (file: FoundFile, bytesRead: number) => void
  readonly onEnd?: (file: FoundFile, result: ImportedFile | RefusedFile) => void
}

export interface FoundFile {
  /** Path of the file, relative to the folder. */
  readonly path: string
  readonly format: ImportFormat
  readonly bytes: number
}

export interface ImportedFolder {
  readonly imported: readonly { readonly file: FoundFile; readonly result: ImportedFile }[]
  readonly refused: readonly { readonly file: FoundFile; readonly result: RefusedFile }[]
  /** Files that are not imported, each with the reason. */
  readonly others: readonly { readonly path: string; readonly reason: string }[]
}

const TENANT = /^[a-z0-9][a-z0-9_-]{0,62}$/

/**
 * Imports every file of a known format, each in a transaction of its own. If a file is refused, the other files are imported all the same.
 * @throws GatewayError BAD_USER_INPUT for a tenant that is malformed or reserved, a path that does not exist, or a folder without any file
 * of a known format.
 */
export async function importFolder(db: Kysely<Database>, options: ImportFolderOptions): Promise<ImportedFolder> {
  if (!TENANT.test(options.tenant) || options.tenant === 'public')
    throw new GatewayError(
      'BAD_USER_INPUT',
      `--tenant must be 1 to 63 lower-case letters, digits, hyphens or underscores, and not "public", got ${JSON.stringify(options.tenant)}.`,
    )
  const { files, others } = await findFiles(options.path)
  const now = new Date(options.now).toISOString()
  const folder = { imported: [] as { file: FoundFile; result: ImportedFile }[], refused: [] as { file: FoundFile; result: RefusedFile }[] }
  for (const file of files) {
    options.onBegin?.(file)
    const result = await importFile(db, {
      path: join(options.path, file.path),
      format: file.format,
      tenant: options.tenant,
      now,
      onProgress: (bytesRead) => options.onProgress?.(file, bytesRead),
    })
    if ('problems' in result) folder.refused.push({ file, result })
    else folder.imported.push({ file, result })
    options.onEnd?.(file, result)
  }
  // Without table statistics, PostgreSQL's planner uses the wrong index until autovacuum runs. The embedded database has no autovacuum.
  await sql`analyze`.execute(db)
  return { ...folder, others }
}

async function findFiles(path: string): Promise<{ readonly files: readonly FoundFile[]; readonly others: ImportedFolder['others'] }> {
  const files: FoundFile[] = []
  const others: { path: string; reason: string }[] = []
  for await (const found of filesBelow(path)) {
    const format = formatOf(basename(found))
    const below = relative(path, found)
    if (typeof format === 'string') others.push({ path: below, reason: format })
    else files.push({ path: below, format, bytes: (await stat(found)).size })
  }
  if (files.length === 0)
    throw new GatewayError(
      'BAD_USER_INPUT',
      `The folder ${path} contains no file of a known format: give a folder with files that docs/importing.md lists.`,
    )
  const order = (file: FoundFile) => formats.indexOf(file.format)
  return {
    files: files.sort((a, b) => order(a) - order(b) || (a.path < b.path ? -1 : 1)),
    others: others.sort((a, b) => (a.path < b.path ? -1 : 1)),
  }
}

async function* filesBelow(folder: string): AsyncGenerator<string> {
  const entries = await opendir(folder, { recursive: true }).catch((cause: NodeJS.ErrnoException) => {
    throw new GatewayError(
      'BAD_USER_INPUT',
      `Cannot read ${folder} as a folder (${cause.code}): give the folder with the files to import.`,
      { cause },
    )
  })
  for await (const entry of entries) if (entry.isFile()) yield join(entry.parentPath, entry.name)
}
