import { hash } from 'node:crypto'
import { GatewayError } from '../../../../errors.ts'
import type { Envelope } from '../envelope.ts'
import { entryName, wrongManifest } from './manifest.ts'

export interface TrustedDocumentsOptions {
  /** Name of the manifest file in error messages. */
  readonly file: string
  /** Texts of the documents, by their ids in the manifest. */
  readonly documents: ReadonlyMap<string, string>
  /** Whether documents that are not in the manifest are refused. */
  readonly exclusive: boolean
}

/**
 * The documents that the operator trusts. A request names such a document by its id in the manifest, or by the SHA-256 of its text, with or
 * without the prefix `sha256:`.
 */
export class TrustedDocuments {
  /** Name of the manifest file in error messages. */
  readonly file: string
  /** Texts of the documents, by their ids in the manifest. */
  readonly documents: ReadonlyMap<string, string>
  readonly #exclusive: boolean
  readonly #byName = new Map<string, string>()
  readonly #texts: ReadonlySet<string>
  // Both errors are created only once, because creating an error takes longer than parsing a short document.
  readonly #notFound = new GatewayError(
    'DOCUMENT_NOT_FOUND',
    'Expected the id of a trusted document, got an unknown one: send an id of the manifest that the gateway was started with.',
  )
  readonly #notTrusted = new GatewayError(
    'DOCUMENT_NOT_TRUSTED',
    'Expected a trusted document, got another one: send a document of the manifest by its id in `documentId`, or to the letter in `query`.',
  )

  /** @throws GatewayError CONFIGURATION if the id of one document is the SHA-256 of another document. */
  constructor({ file, documents, exclusive }: TrustedDocumentsOptions) {
    this.file = file
    this.documents = documents
    this.#exclusive = exclusive
    this.#texts = new Set(documents.values())
    for (const text of this.#texts) {
      const digest = hash('sha256', text)
      this.#byName.set(digest, text).set(`sha256:${digest}`, text)
    }
    for (const [id, text] of documents) {
      const other = this.#byName.get(id)
      if (other !== undefined && other !== text)
        throw wrongManifest(
          file,
          `${entryName(id)}: expected an id of its own, got the SHA-256 of another document. Generate the manifest again.`,
        )
      this.#byName.set(id, text)
    }
  }

  /**
   * Returns whether a persisted query with this id is looked up among the trusted documents. Any other persisted query is an automatic
   * persisted query of Apollo's protocol, whose id must be a SHA-256.
   */
  answersFor(id: string): boolean {
    return this.#exclusive || this.#byName.has(id)
  }

  /**
   * Replaces the id of a trusted document by its text. Nothing is parsed here, so that a refusal costs only a look-up.
   * @returns the parts of the request, without an id if the document is trusted.
   * @throws GatewayError DOCUMENT_NOT_FOUND for an unknown id; DOCUMENT_NOT_TRUSTED for a text outside the manifest, if only trusted
   * documents are accepted; BAD_USER_INPUT for a request that names one document by an id, and another document by its text or by a second
   * id.
   */
  resolve(envelope: Envelope): Envelope {
    if (this.#exclusive && envelope.query !== undefined && !this.#texts.has(envelope.query)) throw this.#notTrusted
    const { documentId, query, extensions = {}, ...others } = envelope
    const { persistedQuery, ...otherExtensions } = extensions
    const ids = [documentId, hashOf(persistedQuery)].filter((id) => id !== undefined)
    const texts = ids.map((id) => this.#byName.get(id))
    if (texts[0] === undefined && (documentId !== undefined || (this.#exclusive && query === undefined))) throw this.#notFound
    const text = texts[0] ?? (query !== undefined && this.#texts.has(query) ? query : undefined)
    if (text === undefined) return envelope
    if (texts.some((named) => named !== text) || (query !== undefined && query !== text)) throw anotherDocument()
    return { ...others, query: text, ...(envelope.extensions && { extensions: otherExtensions }) }
  }
}

/** Trusted documents of a gateway without a manifest: no document is trusted. */
export const NO_TRUSTED_DOCUMENTS = new TrustedDocuments({ file: 'no file', documents: new Map(), exclusive: false })

/** Returns the hash in a persisted query whose form was already checked. */
function hashOf(persistedQuery: unknown): string | undefined {
  return typeof persistedQuery === 'object' && persistedQuery !== null ? String(Reflect.get(persistedQuery, 'sha256Hash')) : undefined
}

function anotherDocument(): GatewayError {
  return new GatewayError(
    'BAD_USER_INPUT',
    'Expected one document, got an id and another document: leave `query` out, or send the exact text that has this id.',
  )
}
