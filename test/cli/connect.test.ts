import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { jwtVerify } from 'jose'
import { describe, expect, it, onTestFinished } from 'vitest'
import { Arguments } from '#src/operations/cli/command.ts'
import { connectToGateway } from '#src/start/connect-to-gateway.ts'
import { freePort } from '../servers/free-port.ts'
import { temporaryFolder } from '../servers/temporary-folder.ts'

const root = join(import.meta.dirname, '../..')
const JWT_SECRET = 'command-line-jwt-secret-of-enough-length'
const CALLER_HASH_KEY = 'command-line-caller-key-of-enough-length'
const CACHE_SECRET = 'command-line-cache-secret-of-enough-len'

/** Starts an HTTP server that records requests, and answers with an empty object or a redirect. */
async function startServer(location?: string) {
  const requests: IncomingMessage[] = []
  const server = createServer((request, response) => {
    requests.push(request)
    if (location === undefined) response.writeHead(200, { 'content-type': 'application/json' }).end('{}')
    else response.writeHead(307, { location }).end()
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return { port: (server.address() as AddressInfo).port, requests, tokens: () => requests.map(({ headers }) => headers.authorization) }
}

const connect = (options: Readonly<Record<string, string>>, env: Readonly<Record<string, string>>) =>
  connectToGateway(new Arguments(options, []), env)

describe('the command line', () => {
  it('finds the gateway of the folder in development, with a token of an OPERATOR that lasts five minutes', async () => {
    const { port, requests, tokens } = await startServer()
    const client = await connect({}, { PORT: String(port), JWT_SECRET, CACHE_SECRET })
    await client.get('/stats')
    expect(requests[0]?.url).toBe('/api/v1/cache/stats')
    const token = tokens()[0]?.replace('Bearer ', '') ?? ''
    const { payload } = await jwtVerify(token, new TextEncoder().encode(JWT_SECRET), { issuer: 'tidegate', audience: 'tidegate' })
    expect(payload).toMatchObject({ sub: 'command-line', role: 'OPERATOR', tenant: 'acme' })
    expect(Number(payload.exp) - Number(payload.iat)).toBe(300)
  })

  it.each([
    'http://192.0.2.1:4000',
    'http://gateway.example',
    'http://127.0.0.1.example',
    'http://localhost.example',
  ])('issues no token for the address %s, which is of another machine', async (url) => {
    await expect(connect({ url }, { JWT_SECRET, CACHE_SECRET })).rejects.toMatchObject({
      exitCode: 3,
      message: 'No access token is known.',
    })
  })

  it('issues no token and guesses no address in production', async () => {
    const production = { NODE_ENV: 'production', JWT_SECRET, CACHE_SECRET, CALLER_HASH_KEY, DATABASE_URL: 'postgres://127.0.0.1:1/x' }
    await expect(connect({}, production)).rejects.toMatchObject({ exitCode: 3, message: 'No address of a gateway is known.' })
    await expect(connect({ url: 'http://127.0.0.1:4000' }, production)).rejects.toMatchObject({ message: 'No access token is known.' })
  })

  it('creates no secret in a folder where no gateway was started', async () => {
    const folder = await temporaryFolder('command-line')
    onTestFinished(() => folder.remove())
    await expect(connect({}, { EMBEDDED_DIR: join(folder.path, 'state/database') })).rejects.toMatchObject({
      exitCode: 3,
      message: 'No gateway was started in this folder yet.',
    })
    expect(existsSync(join(folder.path, 'state'))).toBe(false)
  })

  it('prefers the options to the variables, and reads no configuration if both are given', async () => {
    const { port, tokens } = await startServer()
    const given = { url: `http://127.0.0.1:${port}/`, token: 'from-option' }
    const client = await connect(given, { TIDEGATE_URL: 'http://127.0.0.1:1', TIDEGATE_TOKEN: 'from-variable', PORT: 'wrong' })
    await client.get('/stats')
    expect(tokens()).toEqual(['Bearer from-option'])
    await expect(connect({ url: 'gateway' }, {})).rejects.toMatchObject({ exitCode: 2 })
  })

  it('does not follow a redirect, which would send the token to another address', async () => {
    const other = await startServer()
    const { port } = await startServer(`http://127.0.0.1:${other.port}/`)
    const client = await connect({ url: `http://127.0.0.1:${port}`, token: 'secret' }, {})
    await expect(client.get('/stats')).rejects.toMatchObject({ exitCode: 3 })
    expect(other.requests).toEqual([])
  })

  it('runs as a program: prints to the right stream and exits with the code', async () => {
    const run = promisify(execFile)
    const { stdout } = await run(process.execPath, ['src/tidegate.ts', '--help'], { cwd: root })
    expect(stdout).toContain('Usage: tidegate COMMAND')
    const failed = await run(
      process.execPath,
      ['src/tidegate.ts', 'stats', '--url', `http://127.0.0.1:${await freePort()}`, '--token', 'x'],
      {
        cwd: root,
      },
    ).catch((error: unknown) => error)
    expect(failed).toMatchObject({
      code: 3,
      stdout: '',
      stderr: expect.stringMatching(/^error {2}The gateway at http:\/\/127\.0\.0\.1:\d+ cannot be reached \(ECONNREFUSED\)\.\n {7}→ /),
    })
  })
})
