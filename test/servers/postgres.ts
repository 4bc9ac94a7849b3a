import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chown } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { promisify } from 'node:util'
import pg from 'pg'
import { freePort } from './free-port.ts'
import { installCommand } from './install-command.ts'
import { postgresBinaries } from './postgres-binaries.ts'
import { childrenOf, isAlive, signalAll } from './processes.ts'
import { temporaryFolder } from './temporary-folder.ts'
import { type User, unprivilegedUser } from './unprivileged-user.ts'

export interface PostgresServer {
  readonly url: string
  stop(): Promise<void>
}

const run = promisify(execFile)
const USUAL_URL = 'postgres://postgres@127.0.0.1:5432/postgres'

/** Returns the server in DATABASE_URL, or else a running server on the default port, or else starts one. */
export async function findPostgres(): Promise<PostgresServer> {
  const given = process.env['DATABASE_URL']
  if (given !== undefined) {
    if (await answers(given)) return { url: given, stop: async () => undefined }
    throw new Error('DATABASE_URL names a PostgreSQL server (15 or newer) that does not answer: start it, or unset the variable.')
  }
  if (await answers(USUAL_URL)) return { url: USUAL_URL, stop: async () => undefined }
  return startPostgres()
}

/** A PostgreSQL server that this process started, so that a test may stop, suspend and restart it. */
export interface OwnPostgres extends PostgresServer {
  readonly port: number
  /** Stops the server immediately like a crash (SIGKILL), or gracefully (SIGINT). The data stay on disk. */
  halt(signal: 'SIGKILL' | 'SIGINT'): Promise<void>
  /** Starts the server again with the same data and port. */
  start(): Promise<void>
  /** Suspends all processes of the server: connections stay open, and nothing is answered. */
  suspend(): Promise<void>
  resume(): Promise<void>
  /**
   * Starts a standby that follows this server by asynchronous streaming. @param port Port at which the standby reaches
   * this server, if not directly.
   */
  startStandby(port?: number): Promise<Standby>
  /** Returns a base backup of the current state, as a server that is not started yet. */
  copy(): Promise<OwnPostgres>
}

export interface Standby extends OwnPostgres {
  /** Promotes the standby to a primary with a new timeline. Resolves when it accepts writes. */
  promote(): Promise<void>
}

type Settings = Readonly<Record<string, string>>

interface Home {
  readonly binaries: string
  /** User that runs the server; undefined for the user of this process. PostgreSQL refuses to run as root. */
  readonly user: User | undefined
  readonly folder: string
  readonly data: string
  remove(): Promise<void>
}

/** Starts a PostgreSQL server with the given settings, on a free port and in a temporary folder. */
export async function startPostgres(settings: Settings = {}): Promise<OwnPostgres> {
  const home = await prepareHome()
  const { binaries, user, folder, data } = home
  return orRemove(home, async () => {
    const initdb = join(binaries, 'initdb')
    try {
      await run(initdb, ['-D', data, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--no-sync'], { ...user, cwd: folder })
    } catch (error) {
      throw isUnfit(error) ? new Error(installCommand('postgres', process.platform), { cause: error }) : error
    }
    return serve(home, settings)
  })
}

/** Returns whether the system cannot start the program, or the loader does not find its libraries. */
function isUnfit(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  return typeof code === 'string' || code === 127
}

async function prepareHome(): Promise<Home> {
  const user = await unprivilegedUser()
  const binaries = await postgresBinaries({ copy: user !== undefined })
  const folder = await temporaryFolder('postgres')
  if (user) await chown(folder.path, user.uid, user.gid)
  return {
    binaries: binaries.folder,
    user,
    folder: folder.path,
    data: join(folder.path, 'data'),
    remove: async () => {
      await folder.remove()
      await binaries.remove()
    },
  }
}

/** Removes the folder if the server does not start. */
async function orRemove<Started>(home: Home, begin: () => Promise<Started>): Promise<Started> {
  try {
    return await begin()
  } catch (error) {
    await home.remove()
    throw error
  }
}

async function serve(home: Home, settings: Settings, begin = true): Promise<OwnPostgres> {
  const { binaries, user, folder, data } = home
  const port = await freePort()
  const url = `postgres://postgres@127.0.0.1:${port}/postgres`
  // Disables the socket in the file system, because its path could exceed the maximum length.
  const all = { listen_addresses: '127.0.0.1', unix_socket_directories: '', fsync: 'off', ...settings }
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
    // The worker processes exit when they notice that the main process is gone. A killed main process cannot tell them.
    const workers = await childrenOf(child.pid)
    child.kill('SIGCONT')
    child.kill(signal)
    if (signal === 'SIGKILL') signalAll(workers, signal)
    await exited
    while (workers.some(isAlive)) await pause(5)
  }
  const signalWhole = async (signal: 'SIGSTOP' | 'SIGCONT') => {
    if (!server?.pid) return
    // The main process starts the other processes, so the main process must be stopped first.
    server.kill(signal)
    signalAll(await childrenOf(server.pid), signal)
  }
  // An interrupted run must stop the server before its folder is removed.
  const killAtExit = () => void server?.kill('SIGKILL')
  process.prependOnceListener('exit', killAtExit)
  try {
    if (begin) await start()
  } catch (error) {
    process.off('exit', killAtExit)
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
      process.off('exit', killAtExit)
      await home.remove()
    },
  }
}

async function startStandby(primaryPort: number, settings: Settings): Promise<Standby> {
  const home = await prepareHome()
  const server = await orRemove(home, async () => {
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
  return orRemove(home, async () => {
    await backUp(home, port, [])
    return serve(home, settings, false)
  })
}

async function backUp({ binaries, user, folder, data }: Home, port: number, options: readonly string[]): Promise<void> {
  const source = ['-h', '127.0.0.1', '-p', String(port), '-U', 'postgres']
  const usual = ['-X', 'stream', '-c', 'fast', '--no-sync']
  await run(join(binaries, 'pg_basebackup'), ['-D', data, ...source, ...usual, ...options], { ...user, cwd: folder })
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
