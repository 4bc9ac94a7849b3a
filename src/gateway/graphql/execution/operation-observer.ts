import type { OpenStep } from '../../../engine/cache/model/open-step.ts'
import type { CacheVerdict } from '../answers/cache-status.ts'

/** Facts about an operation that was answered. They contain no variables and no values of the response. */
export interface OperationFacts {
  /** Kind of the operation; undefined if the document was refused. */
  readonly kind: 'query' | 'mutation' | 'subscription' | undefined
  readonly name: string | undefined
  /** SHA-256 of the document, in hexadecimal digits; undefined if the document was refused. */
  readonly documentHash: string | undefined
  /** Returns the document as text. The text contains the literals that the client wrote into the document. */
  readonly document: (() => string) | undefined
  readonly cache: CacheVerdict
  /** Codes of the errors in the response. */
  readonly errorCodes: readonly string[]
}

/** Facts about a query whose response came from the memory of this process, before anything was parsed. */
export interface AnswerAtHandFacts {
  readonly name: string | undefined
  readonly documentHash: string
  /** Name of the policy of the cached value, which is the whole response. */
  readonly policy: string
  /** Time since the request arrived, ms. */
  readonly durationMs: number
}

/** Step of one operation. */
export interface OpenOperation extends OpenStep<OperationFacts> {
  /** Id of the trace that the operation belongs to; undefined if it is not traced. */
  readonly traceId: string | undefined
  /** Returns the value of the header `Server-Timing` for this moment; undefined if the durations were not measured. */
  serverTiming(): string | undefined
}

/** Observes the operations of clients. Without an observer, nothing is recorded and nothing is paid. */
export interface OperationObserver {
  /** Called when the gateway begins to answer an operation. @param debug Whether the response may tell durations. */
  beginOperation(debug: boolean): OpenOperation
  /** Called before a document is parsed, validated and planned. */
  beginPlan(): OpenStep
  /** Called before an operation is executed, or a response is refreshed in the background. */
  beginExecution(): OpenStep
  /** Called after a response from the memory of this process was sent. Such an operation has no other steps. */
  answeredAtHand(facts: AnswerAtHandFacts): void
}
