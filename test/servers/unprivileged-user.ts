import { readFile } from 'node:fs/promises'
import { userInfo } from 'node:os'

export interface User {
  readonly uid: number
  readonly gid: number
}

/** PostgreSQL refuses to run as root. The Debian package makes the first; every Linux has the second. */
const CANDIDATES = ['postgres', 'nobody']

/**
 * Returns whom to run PostgreSQL as; undefined: as the user of this process.
 * @throws when there is no user that it runs as: it refuses root, and users that have no name.
 */
export async function unprivilegedUser(): Promise<User | undefined> {
  if (process.getuid?.() === 0) return findUser(await readFile('/etc/passwd', 'utf8'))
  try {
    userInfo()
    return undefined
  } catch (cause) {
    throw new Error(`PostgreSQL needs a user with a name, and /etc/passwd has none for user ${process.getuid?.()}.`, { cause })
  }
}

/** @param passwd The text of /etc/passwd. @throws when it has no user that fits: PostgreSQL wants one with a name. */
export function findUser(passwd: string): User {
  const entries = passwd.split('\n').map((line) => line.split(':'))
  for (const candidate of CANDIDATES) {
    const [, , uid, gid] = entries.find(([name]) => name === candidate) ?? []
    if (Number(uid) > 0) return { uid: Number(uid), gid: Number(gid) }
  }
  throw new Error(`PostgreSQL does not run as root, and /etc/passwd has no user ${CANDIDATES.join(' or ')}: run the tests as another user.`)
}
