/** Limits on the variables of a request, and on the literal values in its document. Each number is a maximum. */
export interface InputLimits {
  /** Number of object keys and list items in all variables together. */
  readonly maxVariableValues: number
  /** Number of keys of one object. */
  readonly maxObjectKeys: number
  /** Number of items of one list. */
  readonly maxListLength: number
  /** Number of levels of nested objects and lists. */
  readonly maxInputDepth: number
  /** Length of one string value, UTF-16 code units. */
  readonly maxTextLength: number
}

/** Limits on a document, most of which are checked before the document is validated. Each number is a maximum. */
export interface DocumentLimits {
  /** Size of the document in UTF-8, bytes. */
  readonly maxDocumentBytes: number
  /** Number of lexical tokens in the document. */
  readonly maxTokens: number
  /** Number of operations and fragments in the document. */
  readonly maxDefinitions: number
  /** Number of levels of nested fields and inline fragments. */
  readonly maxDepth: number
  /** Number of aliases in an operation. The aliases of a fragment count as often as the fragment is spread. */
  readonly maxAliases: number
  /** Number of fields that an operation selects on the root type. */
  readonly maxRootFields: number
  /** Number of directives in an operation. The directives of a fragment count as often as the fragment is spread. */
  readonly maxDirectives: number
  /**
   * Number of fields, inline fragments and fragment spreads in an operation. Those of a fragment count as often as the fragment is spread.
   */
  readonly maxSelections: number
  /** Number of selections with the same response name at one place of the response. Validation compares each of them with all others. */
  readonly maxRepeats: number
  /** CPU time to validate a document, ms. */
  readonly validationTimeoutMs: number
}

/** Limits on the execution of an operation. Each number is a maximum. */
export interface ExecutionLimits {
  /** Number of values in the response, where each field counts with its weight: see `@cost` and `@listSize`. */
  readonly maxCost: number
  /** Total cost of the expensive operations that run at the same time. Further expensive operations wait. */
  readonly maxConcurrentCost: number
  /** Size of one response as JSON, bytes. */
  readonly maxResponseBytes: number
  /** Time to execute a query, ms. */
  readonly executionTimeoutMs: number
}

export type RequestLimits = InputLimits & DocumentLimits & ExecutionLimits

/** Name of the environment variable that sets each limit, for error messages. */
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
