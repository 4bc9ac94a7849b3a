import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { cp, mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises'
import { stripTypeScriptTypes } from 'node:module'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { type RedisServer, startRedis } from '../servers/redis.ts'
import { type TemporaryFolder, temporaryFolder } from '../servers/temporary-folder.ts'

const run = promisify(execFile)
const root = join(import.meta.dirname, '../..')
const database = `tidegate_test_${process.pid}_package`
const README = 'src/engine/cache/README.md'

let folder: TemporaryFolder
/** An empty project in which only the package is installed. */
let alone: string
/** A project in which the drivers are installed as well, as the engine's README describes. */
let withDrivers: string
let redis: RedisServer

async function onServer(statement: string, name?: string): Promise<void> {
  const url = new URL(inject('postgresUrl'))
  if (name !== undefined) url.pathname = `/${name}`
  const client = new pg.Client({ connectionString: url.href })
  await client.connect()
  await client.query(statement)
  await client.end()
}

/** Packs a fresh copy of the checkout, without build output. */
async function pack(): Promise<string> {
  const stage = join(folder.path, 'stage')
  await mkdir(stage)
  for (const part of ['package.json', 'README.md', 'LICENSE', 'docs', 'src', 'tsconfig.json', 'tsconfig.build.json'])
    await cp(join(root, part), join(stage, part), { recursive: true })
  await symlink(join(root, 'node_modules'), join(stage, 'node_modules'))
  await run('npm', ['pack', '--pack-destination', folder.path], { cwd: stage })
  return join(folder.path, 'tidegate-0.1.0.tgz')
}

async function install(name: string, packages: readonly string[]): Promise<string> {
  const project = join(folder.path, name)
  await mkdir(project)
  await writeFile(join(project, 'package.json'), JSON.stringify({ name, private: true, type: 'module' }))
  await run('npm', ['install', '--no-audit', '--no-fund', '--ignore-scripts', ...packages], { cwd: project })
  return project
}

/** Returns the code blocks of the README in the installed package. */
async function blocksOf(project: string, language: string): Promise<readonly string[]> {
  const text = await readFile(join(project, 'node_modules/tidegate', README), 'utf8')
  return [...text.matchAll(/^```(\w+)\n([\s\S]*?)^```$/gm)].flatMap(([, tag, block = '']) => (tag === language ? [block] : []))
}

/** Returns the path of the given version of Node, installed by npm. */
async function nodeOf(version: string): Promise<string> {
  const { stdout } = await run('npx', ['-y', '-p', `node@${version}`, '-c', 'node -p process.execPath'], { cwd: folder.path })
  return stdout.trim()
}

beforeAll(async () => {
  folder = await temporaryFolder('package')
  const tarball = await pack()
  const { devDependencies } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'))
  alone = await install('alone', [tarball])
  withDrivers = await install('with-drivers', [tarball, ...['pg', 'kysely', 'ioredis'].map((name) => `${name}@${devDependencies[name]}`)])
  for (const project of [alone, withDrivers]) {
    const programs = await blocksOf(project, 'ts')
    for (const [index, name] of ['quick-start', 'with-servers'].entries()) {
      await writeFile(join(project, `${name}.ts`), programs[index] ?? '')
      // Node before 22.18 cannot run TypeScript, so the test also writes a copy of the program without types.
      await writeFile(join(project, `${name}.js`), stripTypeScriptTypes(programs[index] ?? ''))
    }
  }
  redis = await startRedis()
  await onServer(`create database ${database}`)
}, 600_000)

afterAll(async () => {
  await redis?.stop()
  await onServer(`drop database if exists ${database} with (force)`)
  await folder?.remove()
})

describe('The npm package of the cache engine', () => {
  it('contains its exports and its README with the linked files, and nothing of the gateway.', async () => {
    const installed = join(alone, 'node_modules/tidegate')
    const { exports } = JSON.parse(await readFile(join(installed, 'package.json'), 'utf8')) as {
      readonly exports: Readonly<Record<string, Readonly<Record<string, string>>>>
    }
    const files = Object.values(exports).flatMap((conditions) => Object.values(conditions))
    const text = await readFile(join(installed, README), 'utf8')
    const links = [...text.matchAll(/\]\(([^)#:]+)(?:#[^)]*)?\)/g)].map(([, path = '']) => join(dirname(README), path))
    expect(files).toHaveLength(6)
    expect(links.length).toBeGreaterThan(2)
    expect([...files, ...links].filter((path) => !existsSync(join(installed, path)))).toEqual([])
    expect((await readdir(join(installed, 'dist'))).filter((name) => !name.startsWith('errors.'))).toEqual(['engine'])
    expect(await readdir(join(installed, 'src'))).toEqual(['engine'])
  })

  it('installs only one other package: lru-cache.', async () => {
    const names = (await readdir(join(alone, 'node_modules'))).filter((name) => !name.startsWith('.'))
    expect(names.toSorted()).toEqual(['lru-cache', 'tidegate'])
  })

  it('contains its type declarations.', async () => {
    const compilerOptions = { strict: true, noEmit: true, target: 'esnext', module: 'nodenext', skipLibCheck: false, types: ['node'] }
    await writeFile(join(withDrivers, 'tsconfig.json'), JSON.stringify({ compilerOptions, include: ['*.ts'] }))
    await mkdir(join(withDrivers, 'node_modules/@types'), { recursive: true })
    for (const types of ['node', 'pg'])
      await symlink(join(root, 'node_modules/@types', types), join(withDrivers, 'node_modules/@types', types)).catch(() => undefined)
    await run(join(root, 'node_modules/.bin/tsc'), ['-p', '.'], { cwd: withDrivers })
  }, 120_000)

  it('reports which package is missing if the embedded database is opened without that package.', async () => {
    const program = `import { openDatabase } from 'tidegate/postgres'
      await openDatabase({ poolSize: 1, statementTimeoutMs: 1000, onError: console.error }).catch((error) => console.log(error.message))`
    await writeFile(join(withDrivers, 'embedded.js'), program)
    const { stdout } = await run(process.execPath, ['embedded.js'], { cwd: withDrivers })
    expect(stdout).toContain('npm install @electric-sql/pglite')
  })
})

describe.each([['22.15.0'], ['22'], ['24']])('the examples in the README of the cache engine, on Node %s,', (version) => {
  let node: string

  beforeAll(async () => {
    node = await nodeOf(version)
  }, 120_000)

  it('include a quick start that runs unchanged and exits by itself.', async () => {
    const { stdout, stderr } = await run(node, ['quick-start.js'], { cwd: alone, timeout: 30_000 })
    expect(stderr).toBe('')
    expect(stdout.split('\n').slice(0, 3)).toEqual([
      'loaded: old',
      'cached, because nobody said that it changed: old',
      'after the write: new',
    ])
  }, 60_000)

  it('include a program with PostgreSQL and Redis that runs unchanged, reads its own write through the triggers, and exits by itself.', async () => {
    const url = new URL(inject('postgresUrl'))
    url.pathname = `/${database}`
    const [table = ''] = await blocksOf(withDrivers, 'sql')
    await onServer(table, database)
    const env = { ...process.env, DATABASE_URL: url.href, REDIS_URL: redis.url }
    const { stdout, stderr } = await run(node, ['with-servers.js'], { cwd: withDrivers, env, timeout: 30_000 })
    expect(stderr).toBe('')
    expect(stdout).toBe('before: old\nafter the write: new\n')
  }, 60_000)
})
