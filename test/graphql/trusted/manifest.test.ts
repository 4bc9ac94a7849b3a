import { hash } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { loadManifest, MAX_DOCUMENTS, MAX_MANIFEST_BYTES, readManifest } from '../../../src/graphql/trusted/manifest.ts'
import { TrustedDocuments } from '../../../src/graphql/trusted/trusted-documents.ts'
import { temporaryFolder } from '../../servers/temporary-folder.ts'

const FILE = 'documents.json'
const QUERY = '{ words { nodes { name } } }'
const apollo = (operations: unknown, others = {}) =>
  JSON.stringify({ format: 'apollo-persisted-query-manifest', version: 1, operations, ...others })
const read = (text: string) => Object.fromEntries(readManifest(text, FILE))

describe('the reader of manifests', () => {
  it('takes the form of graphql-codegen and Relay', () => {
    const ids = [hash('sha1', QUERY), hash('sha256', QUERY), `sha256:${hash('sha256', QUERY)}`, hash('md5', QUERY)]
    const manifest = Object.fromEntries(ids.map((id) => [id, QUERY]))
    expect(read(JSON.stringify(manifest, null, 2))).toEqual(manifest)
    expect(read(`\ufeff${JSON.stringify(manifest)}`)).toEqual(manifest)
  })

  it("takes the form of Apollo's generate-persisted-query-manifest, in which two clients may have one document", () => {
    const operation = { id: hash('sha256', QUERY), name: 'Words', type: 'query', body: QUERY }
    expect(read(apollo([operation, { ...operation, clientName: 'ios' }]))).toEqual({ [operation.id]: QUERY })
  })

  it.each([
    ['no JSON', '{', /expected JSON: an object \{"<id>"/],
    ['a list', '[]', /Got other JSON/],
    ['null', 'null', /Got other JSON/],
    ['a document that is no text', '{"a": {"b": "c"}}', /entry "a": expected the text of a document/],
    ['an empty id', '{"": "{ a }"}', /entry "": expected a text that is not empty as its id/],
    ['one key twice', '{"a": "{ a }", "b": "{ b }", "a": "{ c }"}', /entry "a": expected one document by this id, got two/],
    ['one key twice in another spelling', '{"a": "{ a }", "\\u0061": "{ c }"}', /entry "a": expected one document by this id, got two/],
    ['one key twice, the first of which is no text', '{"a": {"x": "y"}, "a": "{ c }"}', /expected one document by this id, got two/],
    ['an SHA-256 of another text', JSON.stringify({ [`sha256:${hash('sha256', 'x')}`]: QUERY }), /expected the SHA-256 of its document/],
    ['another version', apollo([], { version: 2 }), /expected "format": .* and "version": 1/],
    ['another format', '{"format": "x", "version": 1, "operations": []}', /expected "format"/],
    ['operations that are no list', apollo({}), /expected a list in "operations"/],
    ['an operation that is no object', apollo(['x']), /operation 1: expected an object/],
    ['an operation without an id', apollo([{ body: QUERY }]), /operation 1: expected a text that is not empty as its id/],
    ['an operation without a document', apollo([{ id: 'a' }]), /entry "a": expected the text of a document/],
    [
      'two documents by one id',
      apollo([
        { id: 'a', body: '{ a }' },
        { id: 'a', body: '{ b }' },
      ]),
      /entry "a": .* got two/,
    ],
    [
      'too many documents',
      JSON.stringify(Object.fromEntries(Array.from({ length: MAX_DOCUMENTS + 1 }, (_, n) => [n, '']))),
      /at most 10000/,
    ],
  ])('refuses %s, and names the file', (_, text, message) => {
    expect(() => readManifest(text, FILE)).toThrow(
      expect.objectContaining({
        code: 'CONFIGURATION',
        message: expect.stringMatching(new RegExp(`^TRUSTED_DOCUMENTS: ${FILE}: .*${message.source}`)),
      }),
    )
  })

  it('refuses an id that is the SHA-256 of another document', () => {
    const documents = new Map([
      [hash('sha256', '{ a }'), '{ b }'],
      ['a', '{ a }'],
    ])
    expect(() => new TrustedDocuments({ file: FILE, documents, exclusive: false })).toThrow(/expected an id of its own/)
  })

  it('gives back every document of a manifest, and refuses every repeated id', () => {
    const text = fc.string({ unit: fc.constantFrom('a', '"', '\\', ':', ',', '{', '}', '\n', '\0', 'é', '\ud83d', '\ude00'), maxLength: 8 })
    const id = text.filter((value) => value !== '' && !value.startsWith('sha256:'))
    fc.assert(
      fc.property(fc.uniqueArray(fc.tuple(id, text), { selector: ([key]) => key, maxLength: 6 }), fc.nat(), (entries, place) => {
        const documents = entries.filter(([key]) => key !== 'operations' && key !== 'format')
        const members = documents.map(([key, document]) => `${JSON.stringify(key)}: ${JSON.stringify(document)}`)
        expect([...readManifest(`{${members.join(', ')}}`, FILE)].toSorted()).toEqual(documents.toSorted())
        expect([...readManifest(apollo(documents.map(([key, body]) => ({ id: key, body }))), FILE)].toSorted()).toEqual(
          documents.toSorted(),
        )
        const repeated = documents[place % documents.length]
        if (!repeated) return
        const again = `{${[...members, `${JSON.stringify(repeated[0])}: ${JSON.stringify(`${repeated[1]} `)}`].join(', ')}}`
        expect(() => readManifest(again, FILE)).toThrow(/got two/)
      }),
      { numRuns: 50 },
    )
  })

  it('reads any JSON as a manifest of texts, or refuses it by an error of the configuration', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.json(),
          fc.json().map((json) => apollo(JSON.parse(json))),
          fc.string(),
        ),
        (text) => {
          try {
            for (const [id, document] of readManifest(text, FILE)) expect([typeof id, typeof document]).toEqual(['string', 'string'])
          } catch (error) {
            expect(error).toMatchObject({
              code: 'CONFIGURATION',
              message: expect.stringMatching(/^TRUSTED_DOCUMENTS: documents\.json: .*expected/s),
            })
          }
        },
      ),
    )
  })

  it('refuses a file that is not there, that is none, or that is too large', async () => {
    const folder = await temporaryFolder('manifest')
    const large = join(folder.path, 'large.json')
    await writeFile(large, ' '.repeat(MAX_MANIFEST_BYTES + 1))
    await expect(loadManifest(join(folder.path, 'none.json'))).rejects.toThrow(/none\.json: expected a file that can be read, got ENOENT/)
    await expect(loadManifest(folder.path)).rejects.toThrow(/expected a file, got something else/)
    await expect(loadManifest('/dev/zero')).rejects.toThrow(/expected a file, got something else/)
    await expect(loadManifest(large)).rejects.toThrow(/large\.json: expected at most 16777216 bytes, got 16777217/)
    await folder.remove()
  })
})
