import type { IncomingMessage, ServerResponse } from 'node:http'

/** Observes HTTP requests. Without an observer, nothing is recorded and nothing is paid. */
export interface RequestObserver {
  /** Called when the header of a request was received. The request ends with its response. */
  begin(request: IncomingMessage, response: ServerResponse): void
  /**
   * Runs `work` as a part of the request. It must be called in each callback of the request's socket, because such a callback does not
   * belong to a request by itself.
   */
  within<Result>(request: IncomingMessage, work: () => Result): Result
}
