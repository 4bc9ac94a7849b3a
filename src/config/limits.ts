import type { VariableName } from './variables.ts'

/** Reads the limits of one request. @param number Returns the value of a variable. */
export function readLimits(number: (name: VariableName) => number) {
  return {
    maxVariableValues: number('MAX_VARIABLE_VALUES'),
    maxObjectKeys: number('MAX_OBJECT_KEYS'),
    maxListLength: number('MAX_LIST_LENGTH'),
    maxInputDepth: number('MAX_INPUT_DEPTH'),
    maxTextLength: number('MAX_TEXT_LENGTH'),
    maxDocumentBytes: number('MAX_DOCUMENT_BYTES'),
    maxTokens: number('MAX_TOKENS'),
    maxDefinitions: number('MAX_DEFINITIONS'),
    maxDepth: number('MAX_DEPTH'),
    maxAliases: number('MAX_ALIASES'),
    maxRootFields: number('MAX_ROOT_FIELDS'),
    maxDirectives: number('MAX_DIRECTIVES'),
    maxSelections: number('MAX_SELECTIONS'),
    maxRepeats: number('MAX_REPEATS'),
    validationTimeoutMs: number('VALIDATION_TIMEOUT_MS'),
    maxCost: number('MAX_COST'),
    maxConcurrentCost: number('MAX_CONCURRENT_COST'),
    maxResponseBytes: number('MAX_RESPONSE_BYTES'),
    executionTimeoutMs: number('EXECUTION_TIMEOUT_MS'),
    maxOperationHeapBytes: number('MAX_OPERATION_HEAP_BYTES'),
  }
}
