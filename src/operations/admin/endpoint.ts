import type { z } from 'zod'
import type { Principal, Role } from '../../gateway/identity/principal.ts'

/** A checked call of an endpoint. */
export interface Call<Query, Body> {
  readonly caller: Principal
  readonly query: Query
  readonly body: Body
}

/** Definition of an endpoint. The same schemas check requests and describe the API in OpenAPI. */
export interface EndpointDefinition<Query extends z.ZodType, Body extends z.ZodType, Answer extends z.ZodType> {
  readonly method: 'GET' | 'POST'
  /** Path below the base path of the API, such as `/stats`. */
  readonly path: `/${string}`
  readonly summary: string
  readonly description: string
  /** Roles that may call the endpoint. Default: ADMIN, for the own tenant, and OPERATOR. */
  readonly roles?: readonly Role[]
  readonly query?: Query
  readonly body?: Body
  readonly answer: Answer
  /** Answers a call whose caller has one of the roles. Checks itself to which tenant the caller is limited. */
  readonly handle: (call: Call<z.output<Query>, z.output<Body>>) => Promise<z.input<Answer>>
}

export interface Endpoint {
  readonly method: 'GET' | 'POST'
  readonly path: `/${string}`
  readonly summary: string
  readonly description: string
  readonly roles: readonly Role[]
  readonly query: z.ZodType | undefined
  readonly body: z.ZodType | undefined
  readonly answer: z.ZodType
  readonly handle: (call: Call<unknown, unknown>) => Promise<unknown>
}

const USUAL_ROLES: readonly Role[] = ['ADMIN', 'OPERATOR']

export function endpoint<Query extends z.ZodType, Body extends z.ZodType, Answer extends z.ZodType>({
  roles = USUAL_ROLES,
  query,
  body,
  handle,
  ...rest
}: EndpointDefinition<Query, Body, Answer>): Endpoint {
  // The routes parse the query and the body with these schemas before they call `handle`, so the types of the call are right.
  return { ...rest, roles, query, body, handle: (call) => handle(call as Call<z.output<Query>, z.output<Body>>) }
}
