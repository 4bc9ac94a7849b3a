import { findProgram } from '../servers/programs.ts'

/** Debian's packages, by the programs that these tests start. Debian keeps some programs where only root's PATH leads. */
const PACKAGES = {
  nginx: 'nginx',
  varnishd: 'varnish',
  promtool: 'prometheus',
  psql: 'postgresql-client',
  pg_dump: 'postgresql-client',
  pg_restore: 'postgresql-client',
  unshare: 'util-linux',
} as const

/** Returns the path of a program. @throws when it is not installed, with the package to install: no test of this tier is left out. */
export function requiredProgram(name: keyof typeof PACKAGES): string {
  const path = findProgram(name, ['/usr/sbin'])
  if (path === undefined) throw new Error(`This test needs ${name}. Install it with: apt-get install ${PACKAGES[name]}`)
  return path
}
