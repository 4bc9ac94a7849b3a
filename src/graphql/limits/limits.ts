/** Bounds of a request's variables, and of literals within its document. */
export interface InputLimits {
  /** Keys and list items of all variables together. */
  readonly maxVariableValues: number
  /** Keys of one object. */
  readonly maxObjectKeys: number
  /** Items of one list. */
  readonly maxListLength: number
  /** Objects and lists within each other. */
  readonly maxInputDepth: number
  /** UTF-16 code units of one text. */
  readonly maxTextLength: number
}

/** Bounds of a document, checked before it is validated. */
export interface DocumentLimits {
  /** Bytes of the document in UTF-8. */
  readonly maxDocumentBytes: number
  /** Lexical tokens of the document. */
  readonly maxTokens: number
  /** Operations and fragments of the document. */
  readonly maxDefinitions: number
  /** Fields and inline fragments within each other. */
  readonly maxDepth: number
  /** Aliases of an operation; those of a fragment count at each spread. */
  readonly maxAliases: number
  /** Fields of an operation's root type. */
  readonly maxRootFields: number
  /** Directives of an operation; those of a fragment count at each spread. */
  readonly maxDirectives: number
  /** Fields, inline fragments and fragment spreads of an operation; those of a fragment count at each spread. */
  readonly maxSelections: number
  /** Selections of one response name at one place of the answer, which have to be compared with each other. */
  readonly maxRepeats: number
  /** Time to validate a document, ms. */
  readonly validationTimeoutMs: number
}

/** Bounds of an execution. */
export interface ExecutionLimits {
  /** Values in the answer, each field at its weight: see `@cost` and `@listSize`. */
  readonly maxCost: number
  /** Cost of all dear operations that run at once; others wait. */
  readonly maxConcurrentCost: number
  /** Bytes of one answer as JSON. */
  readonly maxResponseBytes: number
  /** Time to execute a query, ms. */
  readonly executionTimeoutMs: number
}

export type RequestLimits = InputLimits & DocumentLimits & ExecutionLimits

/** Environment variable of each limit, for messages. */
export const limitSettings = {
  maxVariableValues: 'MAX_VARIABLE_VALUES',
  maxObjectKeys: 'MAX_OBJECT_KEYS',
  maxListLength: 'MAX_LIST_LENGTH',
  maxInputDepth: 'MAX_INPUT_DEPTH',
  maxTextLength: 'MAX_TEXT_LENGTH',
  maxDocumentBytes: 'MAX_DOCUMENT_BYTES',
  maxTokens: 'MAX_TOKENS',
  maxDefinitions: 'MAX_DEFINITIONS',
  maxDepth: 'MAX_DEPTH',
  maxAliases: 'MAX_ALIASES',
  maxRootFields: 'MAX_ROOT_FIELDS',
  maxDirectives: 'MAX_DIRECTIVES',
  maxSelections: 'MAX_SELECTIONS',
  maxRepeats: 'MAX_REPEATS',
  validationTimeoutMs: 'VALIDATION_TIMEOUT_MS',
  maxCost: 'MAX_COST',
  maxConcurrentCost: 'MAX_CONCURRENT_COST',
  maxResponseBytes: 'MAX_RESPONSE_BYTES',
  executionTimeoutMs: 'EXECUTION_TIMEOUT_MS',
} as const satisfies Record<keyof RequestLimits, string>
