import { hash } from 'node:crypto'
import { open } from 'node:fs/promises'
import { GatewayError } from '../../../../errors.ts'

/** Maximum size of a manifest file, bytes. */
export const MAX_MANIFEST_BYTES = 16 * 2 ** 20
/** Maximum number of documents in a manifest. Each of them is parsed and validated before the gateway accepts requests. */
export const MAX_DOCUMENTS = 10_000

const APOLLO_FORMAT = 'apollo-persisted-query-manifest'
const FORMS = `an object {"<id>": "<document>"} as graphql-codegen and Relay write it, or {"format": "${APOLLO_FORMAT}", "version": 1, "operations": […]}`
const SHA256_PREFIX = 'sha256:'
const JSON_TEXT = /"(?:[^"\\]|\\.)*"/g

interface Entry {
  /** Name of the entry in error messages. */
  readonly name: string
  readonly id: unknown
  readonly document: unknown
}

/**
 * Reads a manifest, which is a file of trusted documents.
 * @returns the text of each document by its id.
 * @throws GatewayError CONFIGURATION that names the file, if the file cannot be read or is no manifest.
 */
export async function loadManifest(file: string): Promise<ReadonlyMap<string, string>> {
  return readManifest(await readBounded(file), file)
}

/**
 * Parses a manifest in the format of graphql-codegen's client preset or of Apollo's generate-persisted-query-manifest.
 * @param file Name of the file in error messages.
 * @returns the text of each document by its id.
 * @throws GatewayError CONFIGURATION that names the file and the faulty entry.
 */
export function readManifest(text: string, file: string): ReadonlyMap<string, string> {
  const entries = entriesOf(text, file)
  if (entries.length > MAX_DOCUMENTS)
    throw wrongManifest(file, `expected at most ${MAX_DOCUMENTS} documents, got ${entries.length}. Leave out those that no client sends.`)
  const documents = new Map<string, string>()
  for (const { name, id, document } of entries) {
    if (typeof id !== 'string' || id === '')
      throw wrongManifest(file, `${name}: expected a text that is not empty as its id. Generate the manifest again.`)
    if (typeof document !== 'string') throw wrongManifest(file, `${name}: expected the text of a document. Generate the manifest again.`)
    if (id.startsWith(SHA256_PREFIX) && id !== SHA256_PREFIX + hash('sha256', document))
      throw wrongManifest(
        file,
        `${name}: expected the SHA-256 of its document as its id, got that of another text. Generate the manifest again.`,
      )
    const other = documents.get(id)
    if (other !== undefined && other !== document) throw repeated(file, name)
    documents.set(id, document)
  }
  return documents
}

/** Returns a configuration error that names the manifest file. */
export function wrongManifest(file: string, problem: string): GatewayError {
  return new GatewayError('CONFIGURATION', `TRUSTED_DOCUMENTS: ${file}: ${problem}`)
}

/** Returns the name of a manifest entry in error messages. */
export function entryName(id: string): string {
  return `entry ${JSON.stringify(id.length > 100 ? `${id.slice(0, 100)}…` : id)}`
}

async function readBounded(file: string): Promise<string> {
  try {
    await using handle = await open(file)
    const stats = await handle.stat()
    if (!stats.isFile()) throw wrongManifest(file, 'expected a file, got something else. Set TRUSTED_DOCUMENTS to the manifest.')
    if (stats.size > MAX_MANIFEST_BYTES)
      throw wrongManifest(
        file,
        `expected at most ${MAX_MANIFEST_BYTES} bytes, got ${stats.size}. Leave out the documents that no client sends.`,
      )
    return await handle.readFile('utf8')
  } catch (error) {
    if (error instanceof GatewayError) throw error
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'an error'
    throw wrongManifest(file, `expected a file that can be read, got ${code}. Set TRUSTED_DOCUMENTS to the manifest.`)
  }
}

function entriesOf(text: string, file: string): readonly Entry[] {
  const manifest = parsedManifest(text, file)
  if (Object.hasOwn(manifest, 'operations') || manifest['format'] === APOLLO_FORMAT) return apolloEntries(manifest, file)
  const entries = Object.entries(manifest).map(([id, document]) => ({ name: entryName(id), id, document }))
  if (entries.every(({ document }) => typeof document === 'string')) checkRepeatedKeys(text, entries.length, file)
  return entries
}

function parsedManifest(text: string, file: string): Readonly<Record<string, unknown>> {
  let manifest: unknown
  try {
    manifest = JSON.parse(text.replace(/^\ufeff/, ''))
  } catch {
    throw wrongManifest(file, `expected JSON: ${FORMS}. Got something else.`)
  }
  if (isObject(manifest)) return manifest
  throw wrongManifest(file, `expected ${FORMS}. Got other JSON.`)
}

function apolloEntries({ format, version, operations }: Readonly<Record<string, unknown>>, file: string): readonly Entry[] {
  if (format !== APOLLO_FORMAT || version !== 1)
    throw wrongManifest(file, `expected "format": "${APOLLO_FORMAT}" and "version": 1 beside "operations". Generate the manifest again.`)
  if (!Array.isArray(operations)) throw wrongManifest(file, 'expected a list in "operations". Generate the manifest again.')
  return operations.map((operation: unknown, index) => {
    if (!isObject(operation))
      throw wrongManifest(file, `operation ${index + 1}: expected an object with "id" and "body". Generate the manifest again.`)
    const { id, body } = operation
    return { name: typeof id === 'string' ? entryName(id) : `operation ${index + 1}`, id, document: body }
  })
}

/**
 * Finds a key that occurs twice in a flat JSON object by searching its text, because `JSON.parse` silently keeps only the last value of
 * such a key.
 */
function checkRepeatedKeys(text: string, keys: number, file: string): void {
  const texts = text.match(JSON_TEXT) ?? []
  if (texts.length === 2 * keys) return
  const seen = new Set<string>()
  for (let index = 0; index < texts.length; index += 2) {
    const key = String(JSON.parse(texts[index] as string))
    if (seen.has(key)) throw repeated(file, entryName(key))
    seen.add(key)
  }
  throw repeated(file, 'one of the entries')
}

function repeated(file: string, name: string): GatewayError {
  return wrongManifest(file, `${name}: expected one document by this id, got two. Give each document an id of its own.`)
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
