import { type ChildProcess, execFile, spawn } from 'node:child_process'
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

/** A server that this process started: it can be hurt and put right again. */
export interface OwnPostgres extends PostgresServer {
  readonly port: number
  /** Ends it at once, as a crash does (SIGKILL), or in good order (SIGINT); its data stay. */
  halt(signal: 'SIGKILL' | 'SIGINT'): Promise<void>
  /** Starts it again on its data and port. */
  start(): Promise<void>
  /** Stops all its processes where they are; connections stay open and nothing is answered. */
  suspend(): Promise<void>
  resume(): Promise<void>
  /** A copy that follows this server by asynchronous streaming. @param port Where it reaches this server, if not directly. */
  startStandby(port?: number): Promise<Standby>
  /** A base backup of this moment, as a server that is not started yet. */
  copy(): Promise<OwnPostgres>
}

export interface Standby extends OwnPostgres {
  /** Makes it a primary with a timeline of its own; resolves when it takes writes. */
  promote(): Promise<void>
}

type Settings = Readonly<Record<string, string>>

interface Home {
  readonly binaries: string
  /** Postgres refuses to run as root. */
  readonly user: { uid: number; gid: number } | undefined
  readonly folder: string
  readonly data: string
}

/** A server of its own, with these settings, on a free port in a temporary folder. */
export async function startPostgres(settings: Settings = {}): Promise<OwnPostgres> {
  const home = await prepareHome()
  const { binaries, user, folder, data } = home
  return orRemove(folder, async () => {
    await run(join(binaries, 'initdb'), ['-D', data, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--no-sync'], { ...user, cwd: folder })
    return serve(home, settings)
  })
}

async function prepareHome(): Promise<Home> {
  const binaries = await findBinaries()
  const folder = await mkdtemp(join(tmpdir(), 'tidegate-postgres-'))
  const user = process.getuid?.() === 0 ? await userNamed('postgres') : undefined
  if (user) await chown(folder, user.uid, user.gid)
  return { binaries, user, folder, data: join(folder, 'data') }
}

/** A server that did not come about leaves no folder behind. */
async function orRemove<Started>(folder: string, begin: () => Promise<Started>): Promise<Started> {
  try {
    return await begin()
  } catch (error) {
    await rm(folder, { recursive: true, force: true })
    throw error
  }
}

async function serve(home: Home, settings: Settings, begin = true): Promise<OwnPostgres> {
  const { binaries, user, folder, data } = home
  const port = await freePort()
  const url = `postgres://postgres@127.0.0.1:${port}/postgres`
  const all = { listen_addresses: '127.0.0.1', unix_socket_directories: folder, fsync: 'off', ...settings }
  const options = Object.entries(all).flatMap(([name, value]) => ['-c', `${name}=${value}`])
  let server: ChildProcess | undefined
  const start = async () => {
    const child = spawn(join(binaries, 'postgres'), ['-D', data, '-p', String(port), ...options], { ...user, cwd: folder, stdio: 'ignore' })
    server = child
    for (let attempt = 0; !(await answers(url)); attempt++) {
      if (attempt === 100 || child.exitCode !== null) throw new Error('The PostgreSQL that the tests started does not answer.')
      await pause(100)
    }
  }
  const halt = async (signal: 'SIGKILL' | 'SIGINT') => {
    const child = server
    server = undefined
    if (!child?.pid || child.exitCode !== null || child.signalCode !== null) return
    const exited = once(child, 'exit')
    // Its processes leave when they find it gone, which one that was killed cannot tell them.
    const workers = await childrenOf(child.pid)
    child.kill('SIGCONT')
    child.kill(signal)
    if (signal === 'SIGKILL') signalAll(workers, signal)
    await exited
    while (workers.some(isAlive)) await pause(5)
  }
  const signalWhole = async (signal: 'SIGSTOP' | 'SIGCONT') => {
    if (!server?.pid) return
    // The first process starts the others: it is the first to stop.
    server.kill(signal)
    signalAll(await childrenOf(server.pid), signal)
  }
  try {
    if (begin) await start()
  } catch (error) {
    await halt('SIGKILL')
    throw error
  }
  return {
    url,
    port,
    start,
    halt,
    suspend: () => signalWhole('SIGSTOP'),
    resume: () => signalWhole('SIGCONT'),
    startStandby: (from = port) => startStandby(from, settings),
    copy: () => copyServer(port, settings),
    stop: async () => {
      await signalWhole('SIGCONT')
      await halt('SIGINT')
      await rm(folder, { recursive: true, force: true })
    },
  }
}

async function startStandby(primaryPort: number, settings: Settings): Promise<Standby> {
  const home = await prepareHome()
  const server = await orRemove(home.folder, async () => {
    await backUp(home, primaryPort, ['-R'])
    return serve(home, settings)
  })
  return {
    ...server,
    promote: async () => {
      const client = new pg.Client({ connectionString: server.url })
      await client.connect()
      try {
        const { rows } = await client.query<{ promoted: boolean }>('select pg_promote(true, 30) as promoted')
        if (!rows[0]?.promoted) throw new Error('The standby was not promoted within 30 s.')
      } finally {
        await client.end()
      }
    },
  }
}

async function copyServer(port: number, settings: Settings): Promise<OwnPostgres> {
  const home = await prepareHome()
  return orRemove(home.folder, async () => {
    await backUp(home, port, [])
    return serve(home, settings, false)
  })
}

async function backUp({ binaries, user, folder, data }: Home, port: number, options: readonly string[]): Promise<void> {
  const source = ['-h', '127.0.0.1', '-p', String(port), '-U', 'postgres']
  const usual = ['-X', 'stream', '-c', 'fast', '--no-sync']
  await run(join(binaries, 'pg_basebackup'), ['-D', data, ...source, ...usual, ...options], { ...user, cwd: folder })
}

async function childrenOf(pid: number): Promise<number[]> {
  const found = await run('ps', ['-o', 'pid=', '--ppid', String(pid)]).catch(() => ({ stdout: '' }))
  return found.stdout.split('\n').map(Number).filter(Boolean)
}

function signalAll(pids: readonly number[], signal: NodeJS.Signals): void {
  for (const pid of pids) {
    try {
      process.kill(pid, signal)
    } catch {
      // It has ended meanwhile.
    }
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
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
