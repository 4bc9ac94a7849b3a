import { hash } from 'node:crypto'
import { GatewayError } from '../../errors.ts'
import type { Envelope } from '../envelope.ts'
import { entryName, wrongManifest } from './manifest.ts'

export interface TrustedDocumentsOptions {
  /** Names the manifest in errors. */
  readonly file: string
  /** Texts by the ids of the manifest. */
  readonly documents: ReadonlyMap<string, string>
  /** Whether every other document is refused. */
  readonly exclusive: boolean
}

/**
 * The documents that the operator trusts. A request names one by the id of the manifest, or by the SHA-256 of its text with or without
 * the prefix `sha256:`.
 */
export class TrustedDocuments {
  /** Names the manifest in errors. */
  readonly file: string
  /** Texts by the ids of the manifest. */
  readonly documents: ReadonlyMap<string, string>
  readonly #exclusive: boolean
  readonly #byName = new Map<string, string>()
  readonly #texts: ReadonlySet<string>
  // They are the same for every request, and to make an error takes longer than to parse a short document.
  readonly #notFound = new GatewayError(
    'DOCUMENT_NOT_FOUND',
    'Expected the id of a trusted document, got an unknown one: send an id of the manifest that the gateway was started with.',
  )
  readonly #notTrusted = new GatewayError(
    'DOCUMENT_NOT_TRUSTED',
    'Expected a trusted document, got another one: send a document of the manifest by its id in `documentId`, or to the letter in `query`.',
  )

  /** @throws GatewayError CONFIGURATION when an id is the SHA-256 of another document. */
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
   * Whether a persisted query with this hash is looked for here. Any other one is Apollo's automatic persisted query, which has to be
   * named by a SHA-256.
   */
  answersFor(id: string): boolean {
    return this.#exclusive || this.#byName.has(id)
  }

  /**
   * Puts the text of the document that a request names into its place. Nothing is parsed here: a refusal costs a look-up by the text.
   * @returns the envelope without an id where its document is a trusted one.
   * @throws GatewayError DOCUMENT_NOT_FOUND for an unknown id, DOCUMENT_NOT_TRUSTED for a text that the manifest does not have where it
   *   is exclusive, BAD_USER_INPUT for an id together with another document.
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

/** The gateway of an operator who gives no manifest. */
export const NO_TRUSTED_DOCUMENTS = new TrustedDocuments({ file: 'no file', documents: new Map(), exclusive: false })

/** The hash of a persisted query whose form was checked. */
function hashOf(persistedQuery: unknown): string | undefined {
  return typeof persistedQuery === 'object' && persistedQuery !== null ? String(Reflect.get(persistedQuery, 'sha256Hash')) : undefined
}

function anotherDocument(): GatewayError {
  return new GatewayError(
    'BAD_USER_INPUT',
    'Expected one document, got an id and another document: leave `query` out, or send the exact text that has this id.',
  )
}
