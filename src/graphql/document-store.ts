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
import { GatewayError, LimitExceededError } from '../errors.ts'
import { FairStore } from '../responses/fair-store.ts'
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
  /** Estimated size of all documents, with their plans and compiled code. */
  readonly maxBytes: number
  /** Monotonic clock, ms. */
  readonly monotonic: () => number
}

/** What a parsed, planned and compiled document takes besides its text: so many bytes, and so many for each token (measured). */
const BYTES_PER_DOCUMENT = 1000
const BYTES_PER_TOKEN = 800
const BYTES_PER_CHARACTER = 2
/** Errors of one document; the rest is not looked for. */
export const MAX_VALIDATION_ERRORS = 20
/** The clock is read once for so many nodes. */
const NODES_PER_LOOK = 64

/**
 * The documents that passed all checks, by the SHA-256 of their text. Each new one is checked here before Apollo Server sees it,
 * and found by it here: it is parsed and validated once.
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
   * Checks a document against the limits and the schema, and keeps it. A text that cannot be parsed is left to Apollo Server.
   * @param owner Whose request it is: see FairStore.
   * @throws LimitExceededError @throws InvalidRequestError
   */
  check(text: string, owner: string): void {
    this.#check(text, owner, this.#options.limits.validationTimeoutMs)
  }

  /**
   * Checks a document before the gateway accepts requests, when no other request waits for it: its validation may take any time.
   * @throws LimitExceededError @throws InvalidRequestError also for a text that cannot be parsed.
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

  /** @returns whether the text can be parsed. */
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

  /** The estimated bytes of what is kept; never above the bound. */
  get bytes(): number {
    return this.#documents.bytes
  }

  /** Where nodes of the kept documents stand: they say nothing about it themselves. */
  locationsOf(nodes: readonly ASTNode[] | undefined): readonly SourceLocation[] | undefined {
    return this.#positions.of(nodes)
  }

  /** Keeps a document that was checked before and may have left. What is wrong with it all the same, Apollo Server says. */
  keep(text: string, owner: string): void {
    try {
      this.check(text, owner)
    } catch (error) {
      if (!(error instanceof GatewayError || error instanceof InvalidRequestError)) throw error
    }
  }

  /** The document whose text has this SHA-256, where it is here. */
  find(hash: string): DocumentNode | undefined {
    return this.#documents.get(hash)
  }

  /** Part of Apollo Server's interface, which puts a hash of the schema and a colon before the document's hash. */
  async get(key: string): Promise<DocumentNode | undefined> {
    return this.find(key.slice(key.lastIndexOf(':') + 1))
  }

  /** Part of Apollo Server's interface: what it has found valid was kept by `check` already. */
  async set(): Promise<void> {}

  /** Part of Apollo Server's interface; documents leave by themselves. */
  async delete(): Promise<boolean> {
    return false
  }

  #problemOf({ message, nodes }: GraphQLError): RequestProblem {
    const { introspection } = this.#options
    return { message: introspection ? message : withoutSuggestion(message), locations: this.locationsOf(nodes) }
  }

  #deadlineRule(limit: number): ValidationRule {
    const { monotonic } = this.#options
    const startedAt = monotonic()
    let nodes = 0
    const enter = () => {
      if (++nodes % NODES_PER_LOOK !== 0) return
      const value = Math.round(monotonic() - startedAt)
      if (value > limit)
        throw new LimitExceededError(
          'ms of validation',
          { setting: limitSettings.validationTimeoutMs, limit, value },
          'Ask for less at once.',
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

/** Undefined for a text that is no document. @throws LimitExceededError for one with too many tokens. */
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
    // What is no token ends the count.
  }
  return count
}
