import { hash } from 'node:crypto'
import {
  type ASTNode,
  type DocumentNode,
  GraphQLError,
  type GraphQLSchema,
  Lexer,
  NoSchemaIntrospectionCustomRule,
  parse,
  Source,
  type SourceLocation,
  specifiedRules,
  TokenKind,
  type ValidationRule,
  validate,
} from 'graphql'
import { GatewayError, LimitExceededError } from '../../../errors.ts'
import { FairStore } from '../../budgets/fair-store.ts'
import { withoutSuggestion } from './error-format.ts'
import { InvalidRequestError, type RequestProblem } from './invalid-request.ts'
import { checkBracketDepth } from './limits/bracket-depth.ts'
import { checkDocumentShape } from './limits/document-shape.ts'
import { incrementalRule } from './limits/incremental-rule.ts'
import { textRule } from './limits/input-text.ts'
import { limitSettings, type RequestLimits } from './limits/limits.ts'
import { refuseAbove } from './limits/refuse.ts'
import { NodePositions } from './node-positions.ts'

export interface DocumentStoreOptions {
  readonly schema: GraphQLSchema
  readonly introspection: boolean
  readonly limits: RequestLimits
  /** Maximum estimated size of all stored documents together with their plans and compiled code, bytes. */
  readonly maxBytes: number
  /**
   * Returns the CPU time used so far, ms. Validation is limited by CPU time and not by a clock, so that a busy machine accepts the same
   * documents as an idle machine.
   */
  readonly cpuTime: () => number
}

/**
 * Size of a parsed, planned and compiled document: bytes for the document, for each token, and for each character of its text (measured).
 */
const BYTES_PER_DOCUMENT = 1000
const BYTES_PER_TOKEN = 800
const BYTES_PER_CHARACTER = 2
/** Maximum number of errors that are reported for one document. Validation stops at this number of errors. */
export const MAX_VALIDATION_ERRORS = 20
/** Number of AST nodes that are validated between two reads of the CPU time. */
const NODES_PER_CLOCK_READ = 64

/**
 * Store of the documents that passed all checks, by the SHA-256 of their text, with a maximum size. A new document is checked here before
 * Apollo Server sees it. Apollo Server then takes the document from this store, so that each document is parsed and validated only once.
 */
export class DocumentStore {
  readonly #options: DocumentStoreOptions
  readonly #rules: readonly ValidationRule[]
  readonly #positions = new NodePositions()
  readonly #documents: FairStore<string, DocumentNode>

  constructor(options: DocumentStoreOptions) {
    this.#options = options
    this.#documents = new FairStore({ maxBytes: options.maxBytes, bytesOf: documentBytes })
    this.#rules = [...specifiedRules, ...(options.introspection ? [] : [NoSchemaIntrospectionCustomRule]), incrementalRule, textRule]
  }

  /**
   * Checks a document against the limits and the schema, and stores it. A text that cannot be parsed is left to Apollo Server, which
   * reports the error.
   * @param owner Owner of the stored document: see FairStore.
   * @throws LimitExceededError for a document above a limit; InvalidRequestError for a document that is not valid.
   */
  check(text: string, owner: string): void {
    this.#check(text, owner, this.#options.limits.validationTimeoutMs)
  }

  /**
   * Checks and stores a document before the gateway accepts requests. Its validation has no time limit, because no request waits.
   * @throws LimitExceededError for a document above a limit; InvalidRequestError for a document that is not valid or cannot be parsed.
   */
  checkAtStart(text: string, owner: string): void {
    if (this.#check(text, owner, Number.POSITIVE_INFINITY)) return
    try {
      parse(text)
    } catch (error) {
      if (!(error instanceof GraphQLError)) throw error
      throw new InvalidRequestError('GRAPHQL_PARSE_FAILED', [{ message: error.message, locations: error.locations }])
    }
  }

  /** Checks a document and stores it. @returns false for a text that cannot be parsed. */
  #check(text: string, owner: string, timeoutMs: number): boolean {
    const { schema, limits, introspection } = this.#options
    refuseAbove(limits, 'maxDocumentBytes', text.length, 'bytes in its document')
    const key = hash('sha256', text)
    if (this.#documents.use(key, owner)) return true
    refuseAbove(limits, 'maxDocumentBytes', Buffer.byteLength(text), 'bytes in its document')
    checkBracketDepth(text, limits)
    const document = parsed(text, limits)
    if (!document) return false
    checkDocumentShape(document, limits)
    this.#positions.takeFrom(document)
    const rules = [this.#deadlineRule(timeoutMs), ...this.#rules]
    const errors = validate(schema, document, rules, { maxErrors: MAX_VALIDATION_ERRORS, hideSuggestions: !introspection })
    if (errors.length > 0)
      throw new InvalidRequestError(
        'GRAPHQL_VALIDATION_FAILED',
        errors.map((error) => this.#problemOf(error)),
      )
    this.#documents.set(key, document, owner)
    return true
  }

  /** Estimated size of all documents, bytes; at most `maxBytes`. */
  get bytes(): number {
    return this.#documents.bytes
  }

  /** Returns the locations of nodes of stored documents. They are not in the nodes themselves: see NodePositions. */
  locationsOf(nodes: readonly ASTNode[] | undefined): readonly SourceLocation[] | undefined {
    return this.#positions.of(nodes)
  }

  /**
   * Checks a document again and stores it, if the document was evicted since the first check. If the document fails a check now, Apollo
   * Server reports the error.
   */
  keep(text: string, owner: string): void {
    try {
      this.check(text, owner)
    } catch (error) {
      if (!(error instanceof GatewayError || error instanceof InvalidRequestError)) throw error
    }
  }

  /** Returns the document with this text, and the SHA-256 of the text; undefined if it is not stored. @param owner Owner of the request. */
  use(text: string, owner: string): { readonly document: DocumentNode; readonly documentHash: string } | undefined {
    if (text.length > this.#options.limits.maxDocumentBytes) return undefined
    const documentHash = hash('sha256', text)
    const document = this.#documents.use(documentHash, owner)
    return document && { document, documentHash }
  }

  /** Returns the document whose text has this SHA-256; undefined if it is not stored. */
  find(hash: string): DocumentNode | undefined {
    return this.#documents.get(hash)
  }

  // Undocumented, see docs/internals.md: `ApolloServer documentStore keys`
  /** Returns a document to Apollo Server, whose keys consist of a hash of the schema, a colon and the hash of the document. */
  async get(key: string): Promise<DocumentNode | undefined> {
    return this.find(key.slice(key.lastIndexOf(':') + 1))
  }

  /** Does nothing, because `check` has already stored every valid document. Apollo Server's interface requires this method. */
  async set(): Promise<void> {}

  /** Does nothing, because documents leave the store only by eviction. Apollo Server's interface requires this method. */
  async delete(): Promise<boolean> {
    return false
  }

  #problemOf({ message, nodes }: GraphQLError): RequestProblem {
    const { introspection } = this.#options
    return { message: introspection ? message : withoutSuggestion(message), locations: this.locationsOf(nodes) }
  }

  #deadlineRule(limit: number): ValidationRule {
    const { cpuTime } = this.#options
    const startedAt = cpuTime()
    let nodes = 0
    const enter = () => {
      if (++nodes % NODES_PER_CLOCK_READ !== 0) return
      const value = Math.round(cpuTime() - startedAt)
      if (value > limit)
        throw new LimitExceededError(
          'ms of CPU time for validation',
          { setting: limitSettings.validationTimeoutMs, limit, value },
          'Request less in one operation.',
        )
    }
    return () => ({ enter })
  }
}

function documentBytes({ loc }: DocumentNode): number {
  let tokens = 0
  for (let token = loc?.startToken; token; token = token.next ?? undefined) tokens++
  return BYTES_PER_DOCUMENT + BYTES_PER_TOKEN * tokens + BYTES_PER_CHARACTER * (loc?.source.body.length ?? 0)
}

/** Parses a document. Returns undefined for a text that cannot be parsed. @throws LimitExceededError if the text has too many tokens. */
function parsed(text: string, limits: RequestLimits): DocumentNode | undefined {
  try {
    return parse(text, { maxTokens: limits.maxTokens })
  } catch {
    refuseAbove(limits, 'maxTokens', countTokens(text), 'tokens')
    return undefined
  }
}

function countTokens(text: string): number {
  const lexer = new Lexer(new Source(text))
  let count = 0
  try {
    while (lexer.advance().kind !== TokenKind.EOF) count++
  } catch {
    // The count ends at text that is no token.
  }
  return count
}
