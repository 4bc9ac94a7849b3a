import type { IncomingHttpHeaders } from 'node:http'
import type { Principal } from '../identity/principal.ts'

/**
 * A path of the HTTP server that takes JSON by POST, besides the GraphQL endpoint. The server limits the body and the rate of requests, and
 * sends errors in the form of all errors of the gateway.
 */
export interface HttpRoute {
  readonly path: string
  /** Maximum size of the decoded body, bytes. */
  readonly bodyLimitBytes: number
  /**
   * Returns whose request this is. The headers and the body are not trusted before.
   * @throws GatewayError UNAUTHENTICATED if that is not certain, or BAD_REQUEST if headers are missing.
   */
  authenticate(request: HttpRouteRequest): Principal
  /** Handles a request whose sender is known. @throws GatewayError for a request that cannot be carried out. */
  handle(principal: Principal, request: HttpRouteRequest): Promise<HttpRouteAnswer>
}

export interface HttpRouteRequest {
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
}

/** Answer with status 200. */
export interface HttpRouteAnswer {
  /** JSON of the answer. */
  readonly body: unknown
  /** Consistency token of the write that the request caused. */
  readonly token: string
}
