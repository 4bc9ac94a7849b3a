import { installedBinaries } from '../servers/postgres-binaries.ts'
import { findProgram } from '../servers/programs.ts'

/** Checks that all programs that faults start are installed. @throws if one is missing; the error names the packages to install. */
export async function checkPrograms(): Promise<void> {
  // The PostgreSQL binaries from npm lack pg_basebackup, so they cannot create a standby.
  const postgres = await installedBinaries('pg_basebackup')
  const missing = [
    ...(postgres === undefined ? ['postgresql'] : []),
    ...(['redis-server', 'redis-cli'].every((program) => findProgram(program)) ? [] : ['redis-server']),
  ]
  if (missing.length === 0) return
  throw new Error(`The faults need servers that npm cannot bring. Install them with: apt-get install ${missing.join(' ')}`)
}
