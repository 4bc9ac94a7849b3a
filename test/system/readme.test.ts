import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { compileCache } from '../servers/compile-cache.ts'
import { createDatabase, type TestDatabase } from '../servers/database.ts'
import { freePort } from '../servers/free-port.ts'
import { type RedisServer, startRedis } from '../servers/redis.ts'
import { type TemporaryFolder, temporaryFolder } from '../servers/temporary-folder.ts'

const root = join(import.meta.dirname, '../..')
const INSTALL = 'npm ci && '

let blocks: readonly string[]
let folder: TemporaryFolder
let database: TestDatabase
let redis: RedisServer

beforeAll(async () => {
  const readme = await readFile(join(root, 'README.md'), 'utf8')
  blocks = [...readme.matchAll(/^```\n([\s\S]*?)^```$/gm)].map(([, block = '']) => block.trim())
  folder = await temporaryFolder('readme')
  database = await createDatabase({ seed: true })
  redis = await startRedis()
})

afterAll(async () => {
  await redis?.stop()
  await database?.drop()
  await folder?.remove()
})

/** Returns the code block of README that contains a text. */
function blockWith(part: string): string {
  return blocks.find((block) => block.includes(part)) ?? expect.unreachable(`README has no block with ${part}.`)
}

/** Runs a code block of README in a shell with its own process group, like a terminal, in this checkout. */
function runBlock(block: string, env: Readonly<Record<string, string>>) {
  const shell = spawn('bash', ['-ec', block], {
    cwd: root,
    detached: true,
    env: { PATH: `${dirname(process.execPath)}:${process.env['PATH']}`, HOME: process.env['HOME'] ?? '/', ...compileCache, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const group = -(shell.pid ?? expect.unreachable('The shell did not start.'))
  const output = Promise.all([text(shell.stdout), text(shell.stderr)])
  return {
    exited: once(shell, 'exit').then(([code]) => code as number | null),
    output,
    signal: (signal: NodeJS.Signals | 0) => process.kill(group, signal),
  }
}

/** Runs a code block until the gateway is ready, calls `use`, and then presses Ctrl-C once. */
async function untilCtrlC(block: string, env: Readonly<Record<string, string>>, use: (port: number) => Promise<void>): Promise<void> {
  const port = await freePort()
  const running = runBlock(block, { ...env, PORT: String(port) })
  const isReady = () =>
    fetch(`http://127.0.0.1:${port}/readyz`).then(
      ({ ok }) => ok,
      () => false,
    )
  try {
    await expect.poll(isReady, { timeout: 240_000, interval: 200 }).toBe(true)
    await use(port)
  } finally {
    running.signal('SIGINT')
  }
  const [out, error] = await running.output
  expect(await running.exited, `${out}${error}`).toBe(0)
  expect(() => running.signal(0), 'no process is left').toThrow('ESRCH')
}

describe('The commands in README', () => {
  it('start the gateway, send the first query twice, and exit with 0 after one Ctrl-C.', async () => {
    const [command = ''] = blocks
    expect(command).toBe(`${INSTALL}npm start`)
    const env = { EMBEDDED_DIR: join(folder.path, 'database') }
    await untilCtrlC(command.slice(INSTALL.length), env, async (port) => {
      const ask = async () => {
        const asking = runBlock(blockWith('curl -i').replaceAll('localhost:4000', `127.0.0.1:${port}`), env)
        const [out] = await asking.output
        expect(await asking.exited).toBe(0)
        return out
      }
      expect(await ask()).toMatch(/x-cache: MISS[\s\S]*"campaigns":\{"nodes":\[\{"name":"/i)
      expect(await ask()).toMatch(/x-cache: HIT/i)
    })
  }, 400_000)

  it('start the gateway in production with several workers, and exit with 0 after one Ctrl-C.', async () => {
    const values: Readonly<Record<string, string>> = {
      'DATABASE_URL=postgres://…': `DATABASE_URL=${database.url}`,
      'REDIS_URL=redis://…': `REDIS_URL=${redis.url}`,
      'JWT_SECRET=…': 'JWT_SECRET=readme-jwt-secret-of-enough-length-32',
      'CACHE_SECRET=…': 'CACHE_SECRET=readme-cache-secret-of-enough-length',
      'CALLER_HASH_KEY=…': 'CALLER_HASH_KEY=readme-caller-hash-key-of-enough-length',
    }
    const command = Object.entries(values).reduce((block, [from, to]) => block.replace(from, to), blockWith('WORKERS=4'))
    expect(command).not.toContain('…')
    await untilCtrlC(command, { DRAIN_SECONDS: '0' }, async () => undefined)
  }, 400_000)
})
