import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chown, mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { promisify } from 'node:util'
import pg from 'pg'
import { freePort } from './free-port.ts'

export interface PostgresServer {
  readonly url: string
  stop(): Promise<void>
}

const run = promisify(execFile)
const USUAL_URL = 'postgres://postgres@127.0.0.1:5432/postgres'
const INSTALL = 'Tests need PostgreSQL 15 or newer. Install it with: apt-get install postgresql'

/** The server that DATABASE_URL names, else the one at its usual place, else one of its own. */
export async function findPostgres(): Promise<PostgresServer> {
  const given = process.env['DATABASE_URL']
  if (given !== undefined) {
    if (await answers(given)) return { url: given, stop: async () => undefined }
    throw new Error('DATABASE_URL names a PostgreSQL server (15 or newer) that does not answer: start it, or unset the variable.')
  }
  if (await answers(USUAL_URL)) return { url: USUAL_URL, stop: async () => undefined }
  return startPostgres()
}

/** A server of its own, with these settings, on a free port in a temporary folder. */
export async function startPostgres(settings: Readonly<Record<string, string>> = {}): Promise<PostgresServer> {
  const binaries = await findBinaries()
  const folder = await mkdtemp(join(tmpdir(), 'tidegate-postgres-'))
  // Postgres refuses to run as root.
  const user = process.getuid?.() === 0 ? await userNamed('postgres') : undefined
  if (user) await chown(folder, user.uid, user.gid)
  const data = join(folder, 'data')
  await run(join(binaries, 'initdb'), ['-D', data, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--no-sync'], { ...user, cwd: folder })
  const port = await freePort()
  const all = { listen_addresses: '127.0.0.1', unix_socket_directories: folder, fsync: 'off', ...settings }
  const options = Object.entries(all).flatMap(([name, value]) => ['-c', `${name}=${value}`])
  const server = spawn(join(binaries, 'postgres'), ['-D', data, '-p', String(port), ...options], { ...user, cwd: folder, stdio: 'ignore' })
  const exited = once(server, 'exit')
  const url = `postgres://postgres@127.0.0.1:${port}/postgres`
  for (let attempt = 0; !(await answers(url)); attempt++) {
    if (attempt === 100 || server.exitCode !== null) throw new Error('The PostgreSQL that the tests started does not answer.')
    await pause(100)
  }
  return {
    url,
    stop: async () => {
      server.kill('SIGINT')
      await exited
      await rm(folder, { recursive: true, force: true })
    },
  }
}

async function answers(url: string): Promise<boolean> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 2000 })
  try {
    await client.connect()
    const { rows } = await client.query('show server_version_num')
    return Number(rows[0]?.server_version_num) >= 150_000
  } catch {
    return false
  } finally {
    await client.end().catch(() => undefined)
  }
}

async function findBinaries(): Promise<string> {
  const folder = '/usr/lib/postgresql'
  const versions = (await readdir(folder).catch(() => [])).map(Number).filter((version) => version >= 15)
  if (versions.length > 0) return join(folder, String(Math.max(...versions)), 'bin')
  const found = await run('sh', ['-c', 'command -v initdb']).catch(() => undefined)
  if (!found) throw new Error(INSTALL)
  return join(found.stdout.trim(), '..')
}

async function userNamed(name: string): Promise<{ uid: number; gid: number }> {
  const id = async (flag: string) => Number((await run('id', [flag, name])).stdout)
  return { uid: await id('-u'), gid: await id('-g') }
}
