import type { GraphQLHttpResponse, Recalled } from './endpoint.ts'
import type { RequestState } from './request-state.ts'

/**
 * Result of `recall`. `response` is the response from the response tier; undefined if the response tier has none. `execute` continues with
 * `state`.
 */
export class RecalledState implements Recalled {
  readonly response: GraphQLHttpResponse | undefined
  readonly state: RequestState

  constructor(response: GraphQLHttpResponse | undefined, state: RequestState) {
    this.response = response
    this.state = state
  }
}
