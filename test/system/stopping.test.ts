import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdir } from 'node:fs/promises'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { start, startGateway } from '../e2e/gateway.ts'
import { compileCache } from '../servers/compile-cache.ts'
import { createDatabase, type TestDatabase } from '../servers/database.ts'
import { freePort } from '../servers/free-port.ts'
import { childrenOf, isAlive } from '../servers/processes.ts'
import { temporaryFolder } from '../servers/temporary-folder.ts'
import { postOnKeptConnections } from './kept-connections.ts'
import { makeRelease } from './release.ts'
import { requiredProgram } from './required-program.ts'

const ROOT = join(import.meta.dirname, '../..')
/** Timeout that is much longer than any stop takes. */
const WITHIN_MS = 30_000

let database: TestDatabase

beforeAll(async () => {
  database = await createDatabase({ seed: true })
})

afterAll(() => database?.drop())

/** Starts a command in its own process group, with only PATH from this process's environment. */
function run(program: string, args: readonly string[], env: Readonly<Record<string, string>>): ChildProcess {
  const child = spawn(program, args, {
    cwd: ROOT,
    detached: true,
    env: { PATH: process.env['PATH'], HOME: process.env['HOME'], ...compileCache, PORT: '0', DATABASE_URL: database.url, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  onTestFinished(() => {
    if (child.pid !== undefined && child.exitCode === null && child.signalCode === null) process.kill(-child.pid, 'SIGKILL')
  })
  return child
}

async function line(child: ChildProcess, pattern: RegExp): Promise<RegExpExecArray> {
  let text = ''
  for await (const chunk of child.stdout ?? []) {
    text += chunk
    const found = pattern.exec(text)
    if (found) return found
  }
  throw new Error(`Expected a line like ${pattern}, got:\n${text}`)
}

/** Resolves with the exit code. Fails if the process does not exit in time. */
async function ended(child: ChildProcess): Promise<number | null> {
  if (child.exitCode !== null || child.signalCode !== null) return child.exitCode
  const [code] = await once(child, 'exit', { signal: AbortSignal.timeout(WITHIN_MS) })
  return code
}

describe('a stop signal', () => {
  it('stops all processes that `npm start` has started, and frees the port', async () => {
    const child = run('npm', ['start'], {})
    child.stdout?.on('data', () => undefined)
    const [, url = ''] = await line(child, /"url":"([^"]+)".*"msg":"ready"/)
    const descendants = await childrenOf(child.pid ?? 0)
    child.kill('SIGTERM')
    await ended(child)
    await expect.poll(() => descendants.filter(isAlive), { timeout: WITHIN_MS }).toEqual([])
    await expect(fetch(`${url}/readyz`)).rejects.toThrow()
  })

  it('stops the process in every phase of its start, with exit code 0', async () => {
    const folder = await temporaryFolder('phases')
    onTestFinished(() => folder.remove())
    const ends: string[] = []
    for (const afterMs of [200, 1500, 3000]) {
      const child = run(process.execPath, ['src/main.ts'], { DATABASE_URL: '', EMBEDDED_DIR: join(folder.path, 'database') })
      let failure = ''
      child.stderr?.on('data', (chunk) => {
        failure += chunk
      })
      await pause(afterMs)
      child.kill('SIGTERM')
      const code = await ended(child)
      // Before the first line of the program runs, the signal itself ends the process without an exit code.
      ends.push(child.signalCode === 'SIGTERM' || code === 0 ? 'stopped' : `exit code ${code}: ${failure}`)
    }
    expect(ends).toEqual(ends.map(() => 'stopped'))
    // Without a key of its own it takes the one that the stopped processes have left in the folder.
    const last = await start({ EMBEDDED_DIR: join(folder.path, 'database'), CALLER_HASH_KEY: '' })
    const url = await last.ready
    expect((await fetch(`${url}/readyz`)).status).toBe(200)
    last.process.kill('SIGTERM')
    expect(await last.exited).toBe(0)
  }, 120_000)

  it('stops a process that waits for an unresponsive database', async () => {
    const sockets: Socket[] = []
    const hole = createServer((socket) => void sockets.push(socket)).listen(0, '127.0.0.1')
    await once(hole, 'listening')
    const { port } = hole.address() as AddressInfo
    const child = run(process.execPath, ['src/main.ts'], { DATABASE_URL: `postgres://me@127.0.0.1:${port}/none` })
    await once(hole, 'connection')
    child.kill('SIGTERM')
    expect(await ended(child)).toBe(0)
    for (const socket of sockets) socket.destroy()
    hole.close()
  })

  it('stops a process with pid 1, as in a container, both during its start and later', async () => {
    const unshare = requiredProgram('unshare')
    for (const pattern of [/./, /"msg":"ready"/]) {
      // For pid 1 of a namespace a signal has no default effect, so the process needs its own signal handler.
      const child = run(unshare, ['-Urpf', '--kill-child', '--mount-proc', process.execPath, 'src/main.ts'], { LOG_LEVEL: 'debug' })
      await Promise.race([line(child, pattern), pause(3000)])
      const [inner] = await childrenOf(child.pid ?? 0)
      process.kill(inner ?? 0, 'SIGTERM')
      expect(await ended(child)).toBe(0)
    }
  })

  it('stops all processes of a gateway with WORKERS=2, even a suspended process', async () => {
    const child = run(process.execPath, ['src/main.ts'], { WORKERS: '2', SHUTDOWN_TIMEOUT_MS: '1500' })
    await line(child, /"msg":"ready"/)
    const workers = await childrenOf(child.pid ?? 0)
    process.kill(workers[0] ?? 0, 'SIGSTOP')
    child.kill('SIGTERM')
    expect(await ended(child)).toBe(1)
    await expect.poll(() => workers.filter(isAlive)).toEqual([])
  })
})

describe('clients that keep their connections while a gateway with two workers stops', () => {
  const lostBy = async (release?: string) => {
    const gateway = await startGateway({ DATABASE_URL: database.url, WORKERS: '2', DRAIN_SECONDS: '2' }, release)
    const stop = await postOnKeptConnections(new URL(gateway.url), 8)
    const code = await gateway.stop()
    return { code, ...(await stop()) }
  }

  it('lose no request, because no client opens a new connection after the port was closed', async () => {
    const { code, answered, lost } = await lostBy()
    expect([code, lost]).toEqual([0, 0])
    expect(answered).toBeGreaterThan(50)
  })

  it('lose some requests if each response closes its connection before the port is closed', async () => {
    const from = '  let closing = false\n'
    const release = await makeRelease('closing-early', [
      { file: 'src/gateway/http/server.ts', from, to: '  let closing = true\n  stop()\n' },
    ])
    onTestFinished(() => release.remove())
    expect((await lostBy(release.folder)).lost).toBeGreaterThan(0)
  })
})

describe('a process whose log output nobody reads any more', () => {
  it('continues to run, and SIGTERM can still stop it', async () => {
    const port = await freePort()
    const child = run(process.execPath, ['src/main.ts'], { LOG_LEVEL: 'debug', PORT: String(port) })
    await once(child.stdout as Readable, 'data')
    child.stdout?.destroy()
    child.stderr?.destroy()
    const status = (path: string) =>
      fetch(`http://127.0.0.1:${port}${path}`).then(
        (response) => response.status,
        () => 0,
      )
    await expect.poll(() => status('/readyz'), { timeout: WITHIN_MS }).toBe(200)
    for (let i = 0; i < 20; i++) expect(await status('/graphql?query={nothing}')).not.toBe(0)
    child.kill('SIGTERM')
    expect(await ended(child)).toBe(0)
  })
})

it('A gateway with --memory serves requests, exits with 0, and deletes everything, including the folder of the database.', async () => {
  const folder = await temporaryFolder('memory')
  onTestFinished(() => folder.remove())
  const started = await start(
    { EMBEDDED_DIR: join(folder.path, 'memory', 'database'), JWT_SECRET: '', CACHE_SECRET: '', CALLER_HASH_KEY: '' },
    ['--memory'],
  )
  onTestFinished(() => void started.process.kill('SIGKILL'))
  const url = await started.ready
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query: '{ tlds { name } }' }),
  })
  expect(response.status).toBe(200)
  started.process.kill('SIGTERM')
  expect(await started.exited).toBe(0)
  expect(await readdir(folder.path)).toEqual([])
}, 120_000)
