import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { Ajv } from 'ajv'
import { describe, expect, it, onTestFinished } from 'vitest'
import { temporaryFolder } from '../servers/temporary-folder.ts'
import { wrongCompose } from './compose.ts'
import { readFiles, root, yamlOf } from './deploy-files.ts'

const files = readFiles('docker-compose.yml', 'deploy/**', 'docs/deployment.md')
const run = promisify(execFile)

/** Returns the faults of docker-compose.yml according to the schema of the Compose specification, which the package dclint contains. */
const faultsBySchema = (() => {
  const folder = dirname(createRequire(import.meta.url).resolve('dclint/package.json'))
  const { $schema: _, ...schema } = JSON.parse(readFileSync(join(folder, 'schemas/compose.schema.json'), 'utf8'))
  const validate = new Ajv({ strict: false, allErrors: true, validateFormats: false }).compile(schema)
  return (compose: unknown) =>
    validate(compose) ? [] : (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`)
})()

/** Returns the files with one piece of text replaced. @throws if the text is not there. */
function broken(path: string, from: string, to: string) {
  const text = files[path] ?? ''
  if (!text.includes(from)) throw new Error(`${path} has no "${from}": adapt this test to its new text.`)
  return { ...files, [path]: text.replaceAll(from, to) }
}

describe('docker-compose.yml', () => {
  it('is valid according to the Compose specification.', () => {
    expect(faultsBySchema(yamlOf(files, 'docker-compose.yml'))).toEqual([])
  })

  it.each([
    ['a setting with a wrong name', '    interval: 5s', '    intervall: 5s'],
    ['a setting of another type', 'read_only: true', 'read_only: [true]'],
  ])('is checked by a schema that reports %s.', (_, from, to) => {
    expect(faultsBySchema(yamlOf(broken('docker-compose.yml', from, to), 'docker-compose.yml'))).not.toEqual([])
  })

  it('fits the files that it mounts, the program, and the documents.', () => {
    expect(wrongCompose(files)).toEqual([])
  })

  it.each([
    ['a mounted file that does not exist', 'docker-compose.yml', './deploy/nginx.conf:', './deploy/nginx/nginx.conf:'],
    ['a volume that is not declared', 'docker-compose.yml', '  figures:\n', ''],
    ['a variable that the gateway does not know', 'docker-compose.yml', 'TRUSTED_PROXIES:', 'TRUSTED_PROXY:'],
    ['a value that the gateway refuses', 'docker-compose.yml', 'ADMIN_PORT: "9465"', 'ADMIN_PORT: "94650"'],
    ['a port that is open to other machines', 'docker-compose.yml', '127.0.0.1:8080:80', '8080:80'],
    ['a port on which nobody listens', 'docker-compose.yml', '127.0.0.1:8080:80', '127.0.0.1:8080:81'],
    ['another port for metrics than Prometheus asks', 'docker-compose.yml', 'METRICS_PORT: "9464"', 'METRICS_PORT: "9463"'],
    ['a balancer that leads to a wrong port', 'deploy/nginx.conf', 'gateway-b:4000', 'gateway-b:4001'],
    ['a balancer that leads to an unknown service', 'deploy/nginx.conf', 'gateway-b:4000', 'gateway-c:4000'],
    [
      'a balancer that keeps connections for longer than a gateway that stops',
      'deploy/nginx.conf',
      'keepalive_timeout 4s',
      'keepalive_timeout 60s',
    ],
    ['a balancer that does not wait for slow answers', 'deploy/nginx.conf', 'proxy_read_timeout 20s', 'proxy_read_timeout 10s'],
    ['an address in the documents that no service publishes', 'docs/deployment.md', 'localhost:3000', 'localhost:3001'],
    ['an edge that leads to a wrong port', 'deploy/varnish.vcl', '.port = "4000"', '.port = "4001"'],
    ['purges of an edge that does not run', 'docker-compose.yml', 'PURGE_URL=http://edge ', 'PURGE_URL=http://varnish '],
    ['a data source that does not exist', 'deploy/grafana/provisioning/datasources/tidegate.yml', 'prometheus:9090', 'prometheus:9091'],
    ['a board in another folder', 'deploy/grafana/provisioning/dashboards/tidegate.yml', '/etc/grafana/boards', '/etc/grafana/dashboards'],
    ['a health check that the image does not contain', 'docker-compose.yml', 'dist/check-health.js', 'dist/health.js'],
    ['a health check that is stopped before it can kill a gateway', 'docker-compose.yml', 'timeout: 15s', 'timeout: 5s'],
    ['a gateway that is not started again', 'docker-compose.yml', '  restart: unless-stopped\n  # Longer', '  # Longer'],
    ['a gateway whose health check cannot kill it', 'docker-compose.yml', 'init: true', 'init: false'],
    ['a gateway that is killed while it stops', 'docker-compose.yml', 'stop_grace_period: 40s', 'stop_grace_period: 30s'],
    ['a gateway that gets other memory than the documents say', 'docker-compose.yml', 'mem_limit: 963m', 'mem_limit: 512m'],
    [
      'a service that waits for the health of one without a health check',
      'docker-compose.yml',
      '\n    healthcheck:',
      '\n    x-healthcheck:',
    ],
  ])('is checked by a function that reports %s.', (_, path, from, to) => {
    expect(wrongCompose(broken(path, from, to))).not.toEqual([])
  })
})

describe('deploy/draw-secrets.sh', () => {
  const secretsIn = async (folder: string) =>
    Object.fromEntries(await Promise.all((await readdir(folder)).map(async (name) => [name, await readFile(join(folder, name), 'utf8')])))

  it('draws each secret that docker-compose.yml reads once, and keeps those that exist.', async () => {
    const folder = await temporaryFolder('secrets')
    onTestFinished(() => folder.remove())
    const draw = () => run('sh', [join(root, 'deploy/draw-secrets.sh'), folder.path])
    await draw()
    const first = await secretsIn(folder.path)
    const read = [...(files['docker-compose.yml'] ?? '').matchAll(/\/secrets\/([\w.]+)/g)].map(([, name]) => name as string)
    expect(Object.keys(first).toSorted()).toEqual([...new Set(read)].toSorted())
    expect(first['gateway.env']).toMatch(
      /^export DATABASE_URL=postgres:\/\/tidegate:[0-9a-f]{64}@postgres:5432\/tidegate\nexport JWT_SECRET=[0-9a-f]{64}\nexport CACHE_SECRET=[0-9a-f]{64}\nexport CALLER_HASH_KEY=[0-9a-f]{64}\n$/,
    )
    expect(first['gateway.env']).toContain(first['postgres'])
    await draw()
    expect(await secretsIn(folder.path)).toEqual(first)
  })

  it('adds the secrets of a newer release to those of an older one.', async () => {
    const folder = await temporaryFolder('secrets')
    onTestFinished(() => folder.remove())
    const older = { postgres: 'password', 'gateway.env': 'export CACHE_SECRET=kept\n' }
    for (const [name, text] of Object.entries(older)) await writeFile(join(folder.path, name), text)
    await run('sh', [join(root, 'deploy/draw-secrets.sh'), folder.path])
    expect(await secretsIn(folder.path)).toEqual({
      postgres: 'password',
      grafana: expect.stringMatching(/^[0-9a-f]{64}$/),
      'gateway.env': expect.stringMatching(/^export CACHE_SECRET=kept\nexport CALLER_HASH_KEY=[0-9a-f]{64}\n$/),
    })
  })
})
