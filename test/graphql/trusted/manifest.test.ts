import { hash } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { loadManifest, MAX_DOCUMENTS, MAX_MANIFEST_BYTES, readManifest } from '#src/gateway/graphql/document/trusted/manifest.ts'
import { TrustedDocuments } from '#src/gateway/graphql/document/trusted/trusted-documents.ts'
import fc from '../../property.ts'
import { temporaryFolder } from '../../servers/temporary-folder.ts'

const FILE = 'documents.json'
const QUERY = '{ words { nodes { name } } }'
const apollo = (operations: unknown, others = {}) =>
  JSON.stringify({ format: 'apollo-persisted-query-manifest', version: 1, operations, ...others })
const read = (text: string) => Object.fromEntries(readManifest(text, FILE))

describe('the reader of trusted-document manifests', () => {
  it('accepts the format of graphql-codegen and Relay', () => {
    const ids = [hash('sha1', QUERY), hash('sha256', QUERY), `sha256:${hash('sha256', QUERY)}`, hash('md5', QUERY)]
    const manifest = Object.fromEntries(ids.map((id) => [id, QUERY]))
    expect(read(JSON.stringify(manifest, null, 2))).toEqual(manifest)
    expect(read(`\ufeff${JSON.stringify(manifest)}`)).toEqual(manifest)
  })

  it("accepts the format of Apollo's generate-persisted-query-manifest, in which two clients may have the same document", () => {
    const operation = { id: hash('sha256', QUERY), name: 'Words', type: 'query', body: QUERY }
    expect(read(apollo([operation, { ...operation, clientName: 'ios' }]))).toEqual({ [operation.id]: QUERY })
  })

  it.each([
    ['a file that is not JSON', '{', /expected JSON: an object \{"<id>"/],
    ['a list', '[]', /Got other JSON/],
    ['null', 'null', /Got other JSON/],
    ['a document that is not a string', '{"a": {"b": "c"}}', /entry "a": expected the text of a document/],
    ['an empty id', '{"": "{ a }"}', /entry "": expected a text that is not empty as its id/],
    ['a key that appears twice', '{"a": "{ a }", "b": "{ b }", "a": "{ c }"}', /entry "a": expected one document by this id, got two/],
    [
      'a key that appears twice, once with an escape sequence',
      '{"a": "{ a }", "\\u0061": "{ c }"}',
      /entry "a": expected one document by this id, got two/,
    ],
    [
      'a key that appears twice, first with a value that is not text',
      '{"a": {"x": "y"}, "a": "{ c }"}',
      /expected one document by this id, got two/,
    ],
    [
      'an id that is the SHA-256 of another text',
      JSON.stringify({ [`sha256:${hash('sha256', 'x')}`]: QUERY }),
      /expected the SHA-256 of its document/,
    ],
    ['an unknown format version', apollo([], { version: 2 }), /expected "format": .* and "version": 1/],
    ['an unknown format name', '{"format": "x", "version": 1, "operations": []}', /expected "format"/],
    ['operations that are not a list', apollo({}), /expected a list in "operations"/],
    ['an operation that is not an object', apollo(['x']), /operation 1: expected an object/],
    ['an operation without an id', apollo([{ body: QUERY }]), /operation 1: expected a text that is not empty as its id/],
    ['an operation without a document', apollo([{ id: 'a' }]), /entry "a": expected the text of a document/],
    [
      'two documents with the same id',
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
  ])('rejects %s, with an error that names the file', (_, text, message) => {
    expect(() => readManifest(text, FILE)).toThrow(
      expect.objectContaining({
        code: 'CONFIGURATION',
        message: expect.stringMatching(new RegExp(`^TRUSTED_DOCUMENTS: ${FILE}: .*${message.source}`)),
      }),
    )
  })

  it('rejects an id that is the SHA-256 of another document', () => {
    const documents = new Map([
      [hash('sha256', '{ a }'), '{ b }'],
      ['a', '{ a }'],
    ])
    expect(() => new TrustedDocuments({ file: FILE, documents, exclusive: false })).toThrow(/expected an id of its own/)
  })

  it('returns every document of a manifest, and rejects every repeated id', () => {
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

  it('either accepts a random JSON value as a manifest or rejects it with a configuration error', () => {
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

  it('rejects a missing file, a folder, and a file that is too large', async () => {
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
