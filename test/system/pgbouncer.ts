import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chown, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { join } from 'node:path'
import { vi } from 'vitest'
import { freePort } from '../servers/free-port.ts'
import { temporaryFolder } from '../servers/temporary-folder.ts'
import { unprivilegedUser } from '../servers/unprivileged-user.ts'
import { requiredProgram } from './required-program.ts'

export interface PgBouncer {
  /** Returns the URL of a database through the pooler. */
  urlOf(databaseUrl: string): string
  stop(): Promise<void>
}

/** Number of PgBouncer's sessions on the server. The number is so small that the statements of one client run in different sessions. */
const SESSIONS = 3

export interface PgBouncerOptions {
  readonly mode?: 'session' | 'transaction' | 'statement'
  /** Whether the sessions take turns. If not, a statement runs in the session that became free last. */
  readonly takesTurns?: boolean
  readonly sessions?: number
}

/** Starts PgBouncer, by default in transaction mode, in front of a server that trusts its clients. */
export async function startPgBouncer(serverUrl: string, options: PgBouncerOptions = {}): Promise<PgBouncer> {
  const { mode = 'transaction', takesTurns = true, sessions = SESSIONS } = options
  const program = requiredProgram('pgbouncer')
  const folder = await temporaryFolder('pgbouncer')
  const port = await freePort()
  const { hostname, port: serverPort, username, password } = new URL(serverUrl)
  const login = [`user=${decodeURIComponent(username)}`, ...(password === '' ? [] : [`password=${decodeURIComponent(password)}`])]
  const file = join(folder.path, 'pgbouncer.ini')
  await writeFile(
    file,
    `[databases]
* = host=${hostname} port=${serverPort || '5432'} ${login.join(' ')}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${port}
unix_socket_dir =
auth_type = any
pool_mode = ${mode}
default_pool_size = ${sessions}
server_round_robin = ${takesTurns ? 1 : 0}
logfile = ${folder.path}/log
`,
  )
  // Like PostgreSQL, PgBouncer refuses to run as root.
  const user = await unprivilegedUser()
  if (user) await chown(folder.path, user.uid, user.gid)
  const child = spawn(program, ['-q', file], { stdio: 'ignore', ...user })
  await vi.waitUntil(() => answers(port), { timeout: 10_000 })
  return {
    urlOf: (databaseUrl) => {
      const url = new URL(databaseUrl)
      url.hostname = '127.0.0.1'
      url.port = String(port)
      return url.href
    },
    stop: async () => {
      if (child.exitCode === null) {
        const exited = once(child, 'exit')
        child.kill('SIGKILL')
        await exited
      }
      await folder.remove()
    },
  }
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => resolve(true))
    socket.on('error', () => resolve(false))
    socket.on('connect', () => socket.destroy())
  })
}
