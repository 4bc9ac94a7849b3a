import { readdir } from 'node:fs/promises'
import { basename, extname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { GatewayError } from '../../errors.ts'
import type { CompatibleMigration, Migrations } from './schema-compatibility.ts'

/** Folder with the migrations of the invalidation log. */
export const LOG_MIGRATIONS = new URL('./migrations/', import.meta.url)

/**
 * Extension of the program's modules: `.ts` in the sources, `.js` in the build. The build folder also contains source maps and type
 * declarations.
 */
const EXTENSION = extname(import.meta.url)
const NAME = /^\d{4}-[a-z0-9]+(?:-[a-z0-9]+)*$/

interface MigrationFile {
  readonly name: string
  readonly path: string
}

/**
 * Reads the migrations from the files of the folders, in the order of their numbers. The numbers of all folders together begin with 0001
 * and have no gap.
 * @throws GatewayError CONFIGURATION for a gap, for two files of one number, and for a file that is no migration. The error names the file.
 */
export async function readMigrations(folders: readonly URL[]): Promise<Migrations> {
  const found = (await Promise.all(folders.map((folder) => filesOf(fileURLToPath(folder))))).flat()
  const files = found.sort((one, other) => (one.name < other.name ? -1 : 1))
  refuseWrongNames(files)
  return Object.fromEntries(await Promise.all(files.map(async (file) => [file.name, await importMigration(file)] as const)))
}

async function filesOf(folder: string): Promise<readonly MigrationFile[]> {
  const names = (await readdir(folder)).filter((name) => extname(name) === EXTENSION && !name.endsWith('.d.ts'))
  return names.map((name) => ({ name: basename(name, EXTENSION), path: join(folder, name) }))
}

function refuseWrongNames(files: readonly MigrationFile[]): void {
  const misnamed = files.find(({ name }) => !NAME.test(name))
  if (misnamed)
    throw misconfigured(`Expected a migration to be called NNNN-title${EXTENSION} in lower case, found ${misnamed.path}: rename it.`)
  for (const [index, file] of files.entries()) {
    const number = numberOf(index + 1)
    const found = file.name.slice(0, 4)
    if (found === number) continue
    const before = files[index - 1]
    throw misconfigured(
      before && found === before.name.slice(0, 4)
        ? `Two migrations have the number ${found}, ${before.path} and ${file.path}: give the newer one the next free number.`
        : `Expected migration ${number}, found ${file.path}: numbers have no gap, so call it ${number}${file.name.slice(4)}, or add what is missing.`,
    )
  }
}

async function importMigration({ path }: MigrationFile): Promise<CompatibleMigration> {
  const { migration }: { readonly migration?: CompatibleMigration } = await import(pathToFileURL(path).href)
  if (typeof migration?.up === 'function' && typeof migration.down === 'function') return migration
  throw misconfigured(`Expected ${path} to export \`migration\` with the functions up and down, and it does not: add them.`)
}

function numberOf(position: number): string {
  return String(position).padStart(4, '0')
}

function misconfigured(message: string): GatewayError {
  return new GatewayError('CONFIGURATION', message)
}
