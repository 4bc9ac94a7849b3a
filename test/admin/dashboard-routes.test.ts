import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { type FastifyInstance, fastify } from 'fastify'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { BuiltFiles } from '#src/gateway/http/built-files.ts'
import { dashboardRoutes } from '#src/operations/admin/dashboard/dashboard-routes.ts'
import { type TemporaryFolder, temporaryFolder } from '../servers/temporary-folder.ts'

const SCRIPT = 'console.log("dashboard")'
const TOKEN = 'head.payload.signature'

let folder: TemporaryFolder
let server: FastifyInstance

async function serve(path: string, token?: string, explorerPath?: string): Promise<FastifyInstance> {
  const instance = fastify()
  await instance.register((scope) => dashboardRoutes(scope, { files: new BuiltFiles(path), token, explorerPath }))
  return instance
}

const get = (url: string, headers: Readonly<Record<string, string>> = {}, from = server) =>
  from.inject({ method: 'GET', url, headers: { host: 'localhost:4000', ...headers } })

beforeAll(async () => {
  folder = await temporaryFolder('dashboard')
  await mkdir(join(folder.path, 'assets'))
  await writeFile(join(folder.path, 'index.html'), '<html><head><title>tidegate</title></head></html>')
  await writeFile(join(folder.path, 'secret.js'), 'not an asset')
  await writeFile(join(folder.path, 'assets/index-Ab1_c.js'), SCRIPT)
  await writeFile(join(folder.path, 'assets/index-Ab1_c.js.gz'), gzipSync(SCRIPT))
  server = await serve(folder.path, TOKEN)
})
afterAll(async () => {
  await server?.close()
  await folder?.remove()
})

describe('The page of the dashboard', () => {
  it('knows the address of the explorer where the same port serves it, for every visitor, and nowhere else.', async () => {
    const both = await serve(folder.path, TOKEN, '/explorer')
    const link = '<meta name="tidegate-explorer" content="/explorer">'
    expect((await get('/dashboard', {}, both)).body).toContain(link)
    const elsewhere = await get('/dashboard', { 'x-forwarded-for': '192.0.2.1' }, both)
    expect([elsewhere.body.includes(link), elsewhere.body.includes(TOKEN)]).toEqual([true, false])
    expect((await get('/dashboard')).body).not.toContain('tidegate-explorer')
    await both.close()
  })

  it('is the same at each address below it, so that the address of a view can be opened directly.', async () => {
    const pages = await Promise.all(['/dashboard', '/dashboard/', '/dashboard/operations/List?window=7d'].map((path) => get(path)))
    expect(new Set(pages.map(({ body }) => body)).size).toBe(1)
    expect(pages.map(({ statusCode, headers }) => [statusCode, headers['content-type']])).toEqual(
      pages.map(() => [200, 'text/html; charset=utf-8']),
    )
  })

  it('may run only its own script, may be part of no other page, and tells other sites nothing.', async () => {
    const { headers } = await get('/dashboard')
    const policy = String(headers['content-security-policy']).split('; ')
    expect(policy).toEqual(
      expect.arrayContaining(["default-src 'self'", "frame-ancestors 'none'", "form-action 'none'", "object-src 'none'"]),
    )
    expect(policy.join()).not.toMatch(/unsafe|https?:|\*/)
    expect(headers).toMatchObject({ 'referrer-policy': 'no-referrer', 'cross-origin-opener-policy': 'same-origin' })
  })

  it('contains a token for a visitor on this machine only, and a page with a token is not stored.', async () => {
    const own = await get('/dashboard')
    expect(own.body).toContain(`<meta name="tidegate-token" content="${TOKEN}">`)
    expect(own.headers['cache-control']).toBe('no-store')
    const rebound = await get('/dashboard', { host: 'tidegate.example' })
    const remote = await server.inject({ method: 'GET', url: '/dashboard', headers: { host: 'localhost' }, remoteAddress: '192.0.2.7' })
    for (const { body, headers } of [rebound, remote]) {
      expect(body).not.toContain(TOKEN)
      expect(headers['cache-control']).toBe('no-cache')
    }
  })

  it.each([
    ['forwarded', 'for=192.0.2.7'],
    ['via', '1.1 proxy'],
    ['x-forwarded-for', '192.0.2.7'],
    ['x-forwarded-host', 'tidegate.example'],
    ['x-forwarded-proto', 'https'],
    ['x-real-ip', '192.0.2.7'],
  ])('contains no token if a proxy on this machine forwards the request, as the header %s shows.', async (name, value) => {
    const { body, headers } = await get('/dashboard', { [name]: value })
    expect(body).not.toContain(TOKEN)
    expect(headers['cache-control']).toBe('no-cache')
  })

  it('contains no token where the gateway issues none, as in production.', async () => {
    const production = await serve(folder.path)
    expect((await get('/dashboard', {}, production)).body).not.toContain('tidegate-token')
    await production.close()
  })

  it('says how to build the dashboard where it is not built.', async () => {
    const unbuilt = await serve(join(folder.path, 'nothing'), TOKEN)
    const { statusCode, body } = await get('/dashboard', {}, unbuilt)
    expect(statusCode).toBe(404)
    expect(body).toContain('npm run build:dashboard')
    expect(body).not.toContain(TOKEN)
    await unbuilt.close()
  })
})

describe('A file of the dashboard', () => {
  const path = '/dashboard/assets/index-Ab1_c.js'

  it('is kept by browsers for good, because its name changes with its content.', async () => {
    const { headers, body } = await get(path)
    expect(headers).toMatchObject({
      'cache-control': 'public, max-age=31536000, immutable',
      'content-type': 'text/javascript; charset=utf-8',
      vary: 'Accept-Encoding',
    })
    expect(headers['content-encoding']).toBeUndefined()
    expect(body).toBe(SCRIPT)
  })

  it('is sent compressed as it was built if the client accepts that, and plain if there is no such copy.', async () => {
    const compressed = await get(path, { 'accept-encoding': 'gzip' })
    expect(compressed.headers['content-encoding']).toBe('gzip')
    expect(compressed.rawPayload).toEqual(gzipSync(SCRIPT))
    const plain = await get(path, { 'accept-encoding': 'br' })
    expect([plain.headers['content-encoding'], plain.body]).toEqual([undefined, SCRIPT])
  })

  it.each([
    '/dashboard/assets/other.js',
    '/dashboard/assets/..%2fsecret.js',
    '/dashboard/assets/..%5csecret.js',
    '/dashboard/assets/%2e%2e%2fsecret.js',
    '/dashboard/assets/index-Ab1_c.js.gz',
    '/dashboard/assets/index-Ab1_c.js%00',
    '/dashboard/assets/.js',
  ])('is found by its whole name only: there is none at %s.', async (wrong) => {
    const { statusCode, body } = await get(wrong)
    expect(statusCode).toBe(404)
    expect(body).toContain('NOT_FOUND')
  })
})
