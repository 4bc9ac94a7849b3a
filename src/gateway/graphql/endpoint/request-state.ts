import type { OpenStep } from '../../../engine/cache/model/open-step.ts'
import type { Principal } from '../../identity/principal.ts'
import type { CacheableOperation } from '../../responses/response-tier.ts'
import type { StoredResponse } from '../../responses/stored-response.ts'
import type { CacheVerdict } from '../answers/cache-status.ts'
import type { Operation } from '../document/prepared-operation.ts'
import type { OpenOperation } from '../execution/operation-observer.ts'
import type { Answered, Run, RunOptions } from '../execution/operation-runner.ts'
import type { AnswerLayer } from './answer-layer.ts'

/** A response from the response tier. */
export interface TierAnswer extends Answered {
  readonly answer: StoredResponse
  readonly where: CacheableOperation
}

/**
 * Apollo Server's context of a request. Apollo Server copies the context. All copies refer to the same `state`, so that each copy shows the
 * changes of the state.
 */
export interface ApolloContext {
  readonly state: RequestState
}

/** Stage that the processing of a request has reached. */
export type Stage =
  /** The request was received. So far, only its caller is known. */
  | { readonly name: 'received' }
  /** The document of the request is parsed, validated and planned. */
  | { readonly name: 'planned'; readonly operation: Operation }
  /** The operation was executed. Apollo Server formats the result. */
  | { readonly name: 'executed'; readonly operation: Operation; readonly run: Run }
  /** The response tier has the response as bytes. Apollo Server's own response is ignored. */
  | { readonly name: 'answered'; readonly operation: Operation; readonly answer: TierAnswer }
  /** The execution of the operation failed with an error. */
  | { readonly name: 'failed'; readonly operation: Operation; readonly error: unknown }

/** Summary of a response for telemetry. */
export interface Verdict {
  /** Value of the header `X-Cache`. */
  readonly cache: CacheVerdict
  readonly layer: AnswerLayer
  readonly errorCodes: readonly string[]
}

const RECEIVED: Stage = { name: 'received' }

/** State of one request, which the endpoint and Apollo Server share. */
export class RequestState {
  readonly viewer: Principal | null
  readonly runOptions: RunOptions
  /** Time at which the request began, by the monotonic clock, ms. */
  readonly startedAt: number
  /** Step of the operation; undefined if operations are not observed. */
  step: OpenOperation | undefined
  /** Step in which the document is parsed, validated and planned; undefined if operations are not observed. */
  planning: OpenStep | undefined
  /** Summary of Apollo Server's response; undefined before Apollo Server has a response. */
  verdict: Verdict | undefined
  #stage: Stage = RECEIVED

  constructor(viewer: Principal | null, runOptions: RunOptions, startedAt: number) {
    this.viewer = viewer
    this.runOptions = runOptions
    this.startedAt = startedAt
  }

  get stage(): Stage {
    return this.#stage
  }

  /** The operation; undefined before the document is planned. */
  get operation(): Operation | undefined {
    return this.#stage.name === 'received' ? undefined : this.#stage.operation
  }

  /** Result of the execution; undefined if the operation was not executed yet, or if the response tier has the response. */
  get run(): Run | undefined {
    return this.#stage.name === 'executed' ? this.#stage.run : undefined
  }

  get answer(): TierAnswer | undefined {
    return this.#stage.name === 'answered' ? this.#stage.answer : undefined
  }

  planned(operation: Operation): void {
    this.#stage = { name: 'planned', operation }
  }

  executed(operation: Operation, run: Run): void {
    this.#stage = { name: 'executed', operation, run }
  }

  answered(operation: Operation, answer: TierAnswer): void {
    this.#stage = { name: 'answered', operation, answer }
  }

  failed(operation: Operation, error: unknown): void {
    this.#stage = { name: 'failed', operation, error }
  }

  /**
   * Returns a new state for another operation of the same batch. It shares the session with this state.
   * @param startedAt Time at which the operation begins, by the monotonic clock, ms.
   */
  another(startedAt: number): RequestState {
    return new RequestState(this.viewer, this.runOptions, startedAt)
  }
}
