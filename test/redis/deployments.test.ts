import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, describe, expect, it } from 'vitest'
import { openRedis, type RedisHandle } from '#src/engine/redis/open-redis.ts'
import { needs } from '../servers/availability.ts'
import { freePort } from '../servers/free-port.ts'
import { type RedisProcess, runRedis } from '../servers/redis-processes.ts'

const run = promisify(execFile)
const processes: RedisProcess[] = []
const handles: RedisHandle[] = []

afterEach(async () => {
  await Promise.all(handles.splice(0).map((handle) => handle.close()))
  await Promise.all(processes.splice(0).map((process) => process.stop()))
})

async function start(settings: (port: number) => readonly string[], options?: { readonly sentinel?: boolean }): Promise<number> {
  const port = await freePort()
  processes.push(await runRedis(port, settings(port), options))
  return port
}

function open(url: string, ca?: string): RedisHandle {
  const handle = openRedis({
    url,
    commandTimeoutMs: 1000,
    prefix: 'test',
    onDown: () => undefined,
    onUp: () => undefined,
    ...(ca === undefined ? {} : { ca }),
  })
  handles.push(handle)
  return handle
}

/**
 * Checks what every Redis deployment must do: store bytes for many keys, delete keys, and broadcast invalidation hints.
 */
async function expectToServe(url: string, ca?: string): Promise<void> {
  const [first, second] = [open(url, ca), open(url, ca)]
  let hints = 0
  second.wakeUp.listen(() => {
    hints++
  })
  const keys = Array.from({ length: 50 }, (_, index) => `test:acme:Thing:[${index}]`)
  const entries = keys.map((key, index) => ({ key, bytes: Buffer.from([index, 0, 255]), ttlMs: 60_000 }))
  const stored = () => first.remote.setMany(entries).then(() => second.remote.getMany([...keys, 'test:missing']))
  await expect.poll(() => stored().catch(() => []), { interval: 100, timeout: 20_000 }).toHaveLength(51)
  const found = await second.remote.getMany([...keys, 'test:missing'])
  expect(found.map((bytes) => bytes && [...bytes])).toEqual([...entries.map(({ bytes }) => [...bytes]), null])
  expect(await second.remote.addMany(entries)).toEqual(entries.map(() => false))
  await first.remote.deleteMany(keys)
  expect(await second.remote.addMany(entries)).toEqual(entries.map(() => true))
  await first.remote.deleteMany(keys)
  expect(await second.remote.getMany(keys.slice(0, 1))).toEqual([null])
  await expect
    .poll(
      () => {
        first.wakeUp.send('all')
        return hints
      },
      { interval: 50, timeout: 10_000 },
    )
    .toBeGreaterThan(0)
  // The sender heeds only the hint for all, which is the last one.
  let own = 0
  first.wakeUp.listen(() => {
    own++
  })
  await expect.poll(() => first.wakeUp.isConnected(), { interval: 50, timeout: 10_000 }).toBe(true)
  for (let sent = 0; sent < 50; sent++) first.wakeUp.send('others')
  first.wakeUp.send('all')
  await expect.poll(() => own, { interval: 50, timeout: 10_000 }).toBe(1)
  expect(first.isReady()).toBe(true)
}

describe('the shared cache tier in Redis', needs('redis-server'), () => {
  it('works with a single Redis server that requires a password', async () => {
    const port = await start((own) => [`port ${own}`, 'requirepass "pass word"'])
    await expectToServe(`redis://:pass%20word@127.0.0.1:${port}/2`)
  })

  it('works over TLS, but only with a server whose certificate is trusted', needs('openssl'), async () => {
    const folder = await mkdtemp(join(tmpdir(), 'tidegate-tls-'))
    const [key, certificate] = [join(folder, 'key.pem'), join(folder, 'certificate.pem')]
    const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1']
    await run('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '1', '-keyout', key, '-out', certificate, ...subject])
    const port = await start((own) => [
      'port 0',
      `tls-port ${own}`,
      `tls-cert-file ${certificate}`,
      `tls-key-file ${key}`,
      `tls-ca-cert-file ${certificate}`,
      'tls-auth-clients no',
    ])
    await expectToServe(`rediss://127.0.0.1:${port}`, await readFile(certificate, 'utf8'))
    await expect(open(`rediss://127.0.0.1:${port}`).remote.getMany(['test:key'])).rejects.toThrow()
    await rm(folder, { recursive: true })
  })

  it('works with a cluster whose nodes store different keys', async () => {
    const ports: number[] = []
    for (let node = 0; node < 3; node++)
      ports.push(await start((own) => [`port ${own}`, 'cluster-enabled yes', 'cluster-node-timeout 1500']))
    const nodes = ports.map((port) => `127.0.0.1:${port}`)
    await expect
      .poll(
        () =>
          run('redis-cli', ['--cluster', 'create', ...nodes, '--cluster-yes']).then(
            () => true,
            () => false,
          ),
        { interval: 500, timeout: 20_000 },
      )
      .toBe(true)
    await expectToServe(`redis+cluster://${nodes.join(',')}`)
  })

  it('works with Sentinel, which provides the address of the master', async () => {
    const master = await start((own) => [`port ${own}`])
    const sentinel = await start((own) => [`port ${own}`, `sentinel monitor main 127.0.0.1 ${master} 1`], { sentinel: true })
    await expectToServe(`redis+sentinel://127.0.0.1:${sentinel}/main`)
  })
})

describe('the shared cache tier without a Redis server', () => {
  it('fails immediately while there is no connection, so that no reader waits', async () => {
    const handle = open(`redis://127.0.0.1:${await freePort()}`)
    const startedAt = performance.now()
    await expect(handle.remote.getMany(['test:key'])).rejects.toThrow()
    expect(performance.now() - startedAt).toBeLessThan(900)
    expect(handle.isReady()).toBe(false)
  })
})
