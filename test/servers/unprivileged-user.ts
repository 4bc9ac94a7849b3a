import { readFile } from 'node:fs/promises'
import { userInfo } from 'node:os'

export interface User {
  readonly uid: number
  readonly gid: number
}

/**
 * Users that can run PostgreSQL, which refuses to run as root. The Debian package creates the first user; every Linux
 * has the second.
 */
const CANDIDATES = ['postgres', 'nobody']

/**
 * Returns the user that must run PostgreSQL; undefined if the user of this process can.
 * @throws if there is no suitable user: PostgreSQL refuses root, and users without a name.
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

/**
 * Finds the first suitable user. @param passwd Content of /etc/passwd. @throws if the file contains no suitable user:
 * PostgreSQL needs a user with a name.
 */
export function findUser(passwd: string): User {
  const entries = passwd.split('\n').map((line) => line.split(':'))
  for (const candidate of CANDIDATES) {
    const [, , uid, gid] = entries.find(([name]) => name === candidate) ?? []
    if (Number(uid) > 0) return { uid: Number(uid), gid: Number(gid) }
  }
  throw new Error(`PostgreSQL does not run as root, and /etc/passwd has no user ${CANDIDATES.join(' or ')}: run the tests as another user.`)
}
