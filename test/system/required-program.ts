import { findProgram } from '../servers/programs.ts'

/**
 * Debian packages, by the programs that these tests start. Debian installs some programs in folders that only root's
 * PATH contains.
 */
const PACKAGES = {
  varnishd: 'varnish',
  promtool: 'prometheus',
  pgbouncer: 'pgbouncer',
  psql: 'postgresql-client',
  pg_dump: 'postgresql-client',
  pg_restore: 'postgresql-client',
  unshare: 'util-linux',
} as const

/**
 * Returns the path of a program. @throws if it is not installed; the error names the package. Tests of this tier are
 * never skipped.
 */
export function requiredProgram(name: keyof typeof PACKAGES): string {
  const path = findProgram(name, ['/usr/sbin'])
  if (path === undefined) throw new Error(`This test needs ${name}. Install it with: apt-get install ${PACKAGES[name]}`)
  return path
}
