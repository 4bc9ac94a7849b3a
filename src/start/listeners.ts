import { readdir, readFile, readlink } from 'node:fs/promises'
import { join } from 'node:path'

const LISTENING = '0A'

/**
 * Returns the ids of the processes that listen on a TCP port of this machine, as far as this user may see them. It reads Linux's /proc,
 * because a container has no program for that. The list is empty on other systems.
 */
export async function listenersOf(port: number): Promise<readonly number[]> {
  const tables = await Promise.all(['/proc/net/tcp', '/proc/net/tcp6'].map((file) => readFile(file, 'utf8').catch(() => '')))
  const sockets = new Set(tables.flatMap((table) => listeningSockets(table, port)).map((inode) => `socket:[${inode}]`))
  const pids = (await readdir('/proc').catch(() => [])).filter((name) => /^\d+$/.test(name))
  const holds = await Promise.all(pids.map((pid) => holdsOne(pid, sockets)))
  return pids.filter((_, index) => holds[index]).map(Number)
}

/** Returns the inodes of the listening sockets in a table of the kernel, whose columns are described in proc(5). */
function listeningSockets(table: string, port: number): readonly string[] {
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, '0')}`
  return table.split('\n').flatMap((line) => {
    const [, local, , state, , , , , , inode] = line.trim().split(/\s+/)
    return state === LISTENING && inode !== undefined && local?.endsWith(suffix) ? [inode] : []
  })
}

/** Returns whether a process has one of the sockets open. A process that has ended, or of another user, has none. */
async function holdsOne(pid: string, sockets: ReadonlySet<string>): Promise<boolean> {
  const folder = join('/proc', pid, 'fd')
  const descriptors = await readdir(folder).catch(() => [])
  const links = await Promise.all(descriptors.map((descriptor) => readlink(join(folder, descriptor)).catch(() => '')))
  return links.some((link) => sockets.has(link))
}
