import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startGateway } from '../e2e/gateway.ts'
import { createDatabase, type TestDatabase } from '../servers/database.ts'
import { type TemporaryFolder, temporaryFolder } from '../servers/temporary-folder.ts'
import { failedStart } from './failed-start.ts'

let database: TestDatabase
let folder: TemporaryFolder
let manifest: string

beforeAll(async () => {
  database = await createDatabase({ seed: true })
  folder = await temporaryFolder('start')
  manifest = join(folder.path, 'documents.json')
  await writeFile(manifest, JSON.stringify({ a: '{', b: '{ campains { nodes { id } } }', c: '{ tlds { name } }' }))
})

afterAll(async () => {
  await database?.drop()
  await folder?.remove()
})

describe('a failed start is reported in one line with the variable and the remedy:', () => {
  const production = { NODE_ENV: 'production', JWT_SECRET: '', CACHE_SECRET: '', CALLER_HASH_KEY: '' }

  it.each<[string, () => Readonly<Record<string, string>>, RegExp[]]>([
    ['a PORT that is not a number', () => ({ PORT: 'http' }), [/^PORT: expected a port .* got "http"\.$/]],
    [
      'a database that does not respond',
      () => ({ DATABASE_URL: 'postgres://me:hunter2@127.0.0.1:1/tidegate' }),
      [/^DATABASE_URL: .*127\.0\.0\.1:1 .*ECONNREFUSED.*: start it, or correct the address\.$/],
    ],
    [
      'a database that does not exist',
      () => ({ DATABASE_URL: database.url.replace(database.name, 'no_such_database') }),
      [/^DATABASE_URL: .*"no_such_database" does not exist.*: start it, or correct the address\.$/],
    ],
    [
      'an invalid address of a database',
      () => ({ DATABASE_URL: 'postgres://me:hunter2@127.0.0.1:port/tidegate' }),
      [/^DATABASE_URL: .*correct the address\.$/],
    ],
    ['several workers without a database to share', () => ({ WORKERS: '2' }), [/^WORKERS: .*set DATABASE_URL, or WORKERS=1\.$/]],
    [
      'a Redis address with another scheme',
      () => ({ REDIS_URL: 'http://:hunter2@127.0.0.1' }),
      [/^REDIS_URL: expected redis:\/\/host:port/],
    ],
    [
      'an invalid Redis address',
      () => ({ REDIS_URL: 'redis://:hunter2@127.0.0.1:port', DATABASE_URL: database.url }),
      [/^REDIS_URL.*redis:\/\/host:port/],
    ],
    ['CACHE_POLICIES that are not JSON', () => ({ CACHE_POLICIES: '{"Campaign"' }), [/^CACHE_POLICIES: expected JSON such as \{/]],
    [
      'a cache policy for an unknown type or field',
      () => ({ CACHE_POLICIES: '{"Campain": {"l1": 30}}', DATABASE_URL: database.url }),
      [/^CACHE_POLICIES: the override "Campain" names nothing .* It may name: .*Campaign,/],
    ],
    [
      'a cache policy with an unknown attribute',
      () => ({ CACHE_POLICIES: '{"Campaign": {"ttl": 30}}', DATABASE_URL: database.url }),
      [/^CACHE_POLICIES: the override of Campaign .*"ttl": expected l1, l2/],
    ],
    [
      'a cache policy whose value is out of range',
      () => ({ CACHE_POLICIES: '{"Campaign": {"l1": -1}}', DATABASE_URL: database.url }),
      [/^CACHE_POLICIES: Campaign: .*l1.* must be .* got -1\.$/],
    ],
    [
      'trusted documents only, but no manifest',
      () => ({ TRUSTED_DOCUMENTS_ONLY: 'on' }),
      [/^TRUSTED_DOCUMENTS_ONLY: expected a manifest .*: set TRUSTED_DOCUMENTS to its file/],
    ],
    [
      'a missing manifest of trusted documents',
      () => ({ TRUSTED_DOCUMENTS: '/nowhere.json', DATABASE_URL: database.url }),
      [/^TRUSTED_DOCUMENTS: \/nowhere\.json: expected a file that can be read, got ENOENT/],
    ],
    [
      'a manifest with invalid content',
      () => ({ TRUSTED_DOCUMENTS: 'package.json', DATABASE_URL: database.url }),
      [/^TRUSTED_DOCUMENTS: package\.json: entry ".*": expected the text of a document/],
    ],
    [
      'trusted documents that this schema cannot execute',
      () => ({ TRUSTED_DOCUMENTS: manifest, DATABASE_URL: database.url }),
      [
        /^TRUSTED_DOCUMENTS: .*: entry "a": .* Syntax Error: .* \(line 1, column 2\)$/,
        /^entry "b": .*Cannot query field "campains" .* \(line 1, column 3\)$/,
        /^Generate the manifest for the schema of this release/,
      ],
    ],
    [
      'production without any configuration',
      () => production,
      [
        /^CACHE_SECRET: needed in production: set it/,
        /^CALLER_HASH_KEY: needed in production: set it/,
        /^JWT_SECRET: needed in production .*: set the one/,
        /^DATABASE_URL: needed in production: set it/,
      ],
    ],
    ['a secret that is too short', () => ({ CACHE_SECRET: 'hunter2' }), [/^CACHE_SECRET: expected at least 32 characters\.$/]],
  ])('%s', async (_, env, expected) => {
    const { code, lines } = await failedStart(env())
    expect(lines).toEqual(expected.map((pattern) => expect.stringMatching(new RegExp(pattern.source.replace('^', '^tidegate: ')))))
    expect(lines.join('\n')).not.toContain('hunter2')
    expect(code).toBe(1)
  })

  it('an unknown option', async () => {
    const { code, lines } = await failedStart({}, ['--memroy'])
    expect(lines).toEqual([expect.stringMatching(/^tidegate: .*--memroy.*--memory/)])
    expect(code).toBe(1)
  })

  it('a port that is in use', async () => {
    const gateway = await startGateway({ DATABASE_URL: database.url })
    const { port } = new URL(gateway.url)
    const { code, lines } = await failedStart({ DATABASE_URL: database.url, PORT: port })
    await gateway.stop()
    expect(lines).toEqual([expect.stringMatching(new RegExp(`^tidegate: .*in use.*:${port}.*set PORT to another one\\.$`))])
    expect(code).toBe(1)
  })
})
