import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { ApolloServerErrorCode } from '@apollo/server/errors'
import { describe, expect, it } from 'vitest'
import { parseRedisAddress } from '#src/engine/redis/address.ts'
import { type ErrorCodeEntry, errorCodes, GatewayError } from '#src/errors.ts'
import { problemsOfPage } from './page.ts'
import { provocations, provoke } from './provocations.ts'
import { codesIn } from './source-codes.ts'

const root = join(import.meta.dirname, '../..')
const registry: Readonly<Record<string, ErrorCodeEntry>> = errorCodes
const page = readFileSync(join(root, 'docs/errors.md'), 'utf8')
const sources = globSync('{src,scripts}/**/*.ts', { cwd: root }).map((file) => ({ file, text: readFileSync(join(root, file), 'utf8') }))
/** Codes of `userErrors` in the payloads of mutations, which the schema documents. */
const userErrorCodes = (/enum UserErrorCode \{([^}]*)\}/.exec(readFileSync(join(root, 'schema/common.graphql'), 'utf8'))?.[1] ?? '')
  .replaceAll(/"[^"]*"/g, '')
  .match(/[A-Z_]+/g) as readonly string[]

describe('the registry of error codes', () => {
  it('contains every error code that the source uses.', () => {
    const named = sources
      // Reports of imported files have their own codes: see docs/importing.md.
      .filter(({ file }) => file !== 'src/errors.ts' && !file.startsWith('src/market/import/'))
      .flatMap(({ file, text }) => codesIn(text).map((code) => ({ file, code })))
    expect(named.length).toBeGreaterThan(100)
    expect(named.filter(({ code }) => !(code in registry) && !userErrorCodes.includes(code))).toEqual([])
  })

  it('contains no error code that the source does not use.', () => {
    // The registry itself is not counted as a use, because its keys have no quotes.
    expect(Object.keys(registry).filter((code) => !sources.some(({ text }) => text.includes(`'${code}'`)))).toEqual([])
  })

  it('contains all error codes of Apollo Server except the code that Apollo Server sends only if persisted queries are disabled.', () => {
    const missing = Object.values(ApolloServerErrorCode).filter((code) => !(code in registry))
    expect(missing).toEqual(['PERSISTED_QUERY_NOT_SUPPORTED'])
    expect(Object.keys(registry).filter((code) => registry[code]?.origin === 'apollo' && !(code in ApolloServerErrorCode))).toEqual([])
  })

  it('rejects an unknown code at compile time and at run time, and the search in the source finds such a code.', () => {
    // @ts-expect-error: a code outside the registry does not compile.
    expect(() => new GatewayError('PLANTED')).toThrow(TypeError)
    for (const text of [
      "throw new GatewayError(\n  'PLANTED', 'x')",
      "{ extensions: { code: 'PLANTED' } }",
      '"code":"PLANTED"',
      "respond('PLANTED', x)",
    ])
      expect(codesIn(text)).toEqual(['PLANTED'])
  })
})

describe('a request over HTTP', () => {
  it.each(
    provocations.map((provocation) => [provocation.code, provocation.title, provocation] as const),
  )('is answered with %s for %s.', async (code, _, provocation) => {
    const { status, body } = await provoke(provocation)
    const { errors } = JSON.parse(body) as { errors: { message: string; extensions: Record<string, unknown> }[] }
    expect([status, errors.map(({ extensions }) => extensions['code'])]).toEqual([provocation.status, [code]])
    expect(body).not.toMatch(/canary|secret|node_modules|\.ts:/)
  })

  it('provokes, in these tests, each error code that clients may receive, and each additional HTTP status of a code.', () => {
    // test/admin/access.test.ts provokes the codes of the management API.
    const sent = Object.entries(registry).filter(([, { origin }]) => origin !== 'start' && origin !== 'management')
    const statusesOf = (code: string) => new Set(provocations.filter((one) => one.code === code).map(({ status }) => status))
    expect(sent.filter(([code]) => statusesOf(code).size === 0).map(([code]) => code)).toEqual([])
    const wrong = sent.flatMap(([code, { status, otherStatuses = [] }]) =>
      [...statusesOf(code)].filter((found) => ![200, status, ...otherStatuses].includes(found)).map((found) => `${code} ${found}`),
    )
    expect(wrong).toEqual([])
    expect(sent.flatMap(([code, { otherStatuses = [] }]) => otherStatuses.filter((other) => !statusesOf(code).has(other)))).toEqual([])
  })

  it('is never answered with the code of a startup error, because such an error ends the process instead.', () => {
    const start = Object.keys(registry).filter((code) => registry[code]?.origin === 'start')
    expect(start).toEqual(['CONFIGURATION'])
    expect(() => parseRedisAddress('nonsense')).toThrow(expect.objectContaining({ code: 'CONFIGURATION' }))
  })
})

describe('docs/errors.md', () => {
  it('has exactly one row for every code of the registry, and sections only for codes of the registry.', () => {
    expect(problemsOfPage(page, registry)).toEqual([])
  })

  it.each([
    ['a missing row', (text: string) => text.replace(/^\| `TIMEOUT` .*\n/m, '')],
    ['a row of an unknown code', (text: string) => text.replace(/^\| `TIMEOUT` /m, '| `PLANTED` | 500 | no | x | x |\n$&')],
    ['a wrong status', (text: string) => text.replace('| `TIMEOUT` | 503', '| `TIMEOUT` | 500')],
    ['a section of an unknown code', (text: string) => text.replace('### RATE_LIMITED', '### PLANTED')],
  ])('is checked by a function that reports %s.', (_, change) => {
    expect(problemsOfPage(page, { ...registry, PLANTED: errorCodes.TIMEOUT })).not.toEqual([])
    expect(problemsOfPage(change(page), registry)).not.toEqual([])
  })

  it('shows example answers that the gateway really sends.', async () => {
    const examples = [...page.matchAll(/^### ([A-Z_]+)\n[^#]*?```json\n([\s\S]*?)```/gm)].map(([, code, text]) => ({
      code,
      text: text ?? '',
    }))
    expect(examples.length).toBeGreaterThan(4)
    for (const { code, text } of examples) {
      const answers = await Promise.all(provocations.filter((one) => one.code === code).map(provoke))
      expect(answers.map(({ body }) => withoutId(body))).toContainEqual(withoutId(text))
    }
  })

  it('lists the codes of userErrors that the schema defines.', () => {
    expect(userErrorCodes.length).toBeGreaterThan(5)
    expect(userErrorCodes.filter((code) => !page.includes(`\`${code}\``))).toEqual([])
  })

  it('lists every exit code that the processes and commands use.', () => {
    const used = new Set(sources.flatMap(({ text }) => [...text.matchAll(/(?:\bexit\(|exitCode = )(\d+)/g)].map(([, code]) => code)))
    const section = page.slice(page.indexOf('## Exit codes'))
    const named = new Set([...section.matchAll(/^\| (\d+) \|/gm)].map(([, code]) => code))
    expect([...used].toSorted()).toEqual([...named].toSorted())
  })
})

function withoutId(body: string): unknown {
  return JSON.parse(body, (key, value) => (key === 'requestId' ? undefined : value))
}
