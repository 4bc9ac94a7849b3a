import type { ApiError } from '../../../src/operations/admin/contract.ts'

const API = '/api/v1/cache'

export type Params = Readonly<Record<string, string | number | boolean | undefined>>

/** Error that the management API answered, or that kept it from answering. */
export class ApiFailure extends Error {
  override readonly name = 'ApiFailure'
  /** HTTP status; 0 if there was no answer. */
  readonly status: number
  /** Stable code: see docs/errors.md. */
  readonly code: string
  /** Item of the request that was wrong, such as `tags[3]`; undefined if the request as a whole was wrong. */
  readonly item: string | undefined
  readonly requestId: string | undefined

  constructor(message: string, { status, code, item, requestId }: Pick<ApiFailure, 'status' | 'code' | 'item' | 'requestId'>) {
    super(message)
    this.status = status
    this.code = code
    this.item = item
    this.requestId = requestId
  }
}

/** Returns the address of a read. Parameters that are undefined or empty are left out. */
export function addressOf(path: string, params: Params = {}): string {
  const query = new URLSearchParams()
  for (const [name, value] of Object.entries(params)) if (value !== undefined && value !== '') query.set(name, String(value))
  const text = query.toString()
  return `${API}${path}${text === '' ? '' : `?${text}`}`
}

export interface CallOptions {
  readonly token: string
  readonly signal?: AbortSignal | undefined
  /** Body of a POST; undefined for a GET. */
  readonly body?: unknown
}

/** Calls the management API. @throws ApiFailure for an error that it answers, and if it cannot be reached. */
export async function callApi(address: string, { token, signal, body }: CallOptions): Promise<unknown> {
  const headers = { accept: 'application/json', authorization: `Bearer ${token}` }
  const sent =
    body === undefined
      ? { headers }
      : { method: 'POST', headers: { ...headers, 'content-type': 'application/json' }, body: JSON.stringify(body) }
  const response = await fetch(address, {
    ...sent,
    signal: signal ?? null,
    cache: 'no-store',
    credentials: 'omit',
    redirect: 'error',
  }).catch((error: unknown) => {
    if (signal?.aborted) throw error
    throw new ApiFailure('The gateway cannot be reached. The page tries again.', {
      status: 0,
      code: 'UNREACHABLE',
      item: undefined,
      requestId: undefined,
    })
  })
  const answer: unknown = await response.json().catch(() => undefined)
  if (response.ok && answer !== undefined) return answer
  throw failureOf(response.status, answer)
}

function failureOf(status: number, answer: unknown): ApiFailure {
  const [error] = (answer as ApiError | undefined)?.errors ?? []
  if (!error)
    return new ApiFailure(`Expected an answer of the management API, got status ${status} without one. Check the proxy in between.`, {
      status,
      code: 'UNEXPECTED_ANSWER',
      item: undefined,
      requestId: undefined,
    })
  const { code, requestId, path } = error.extensions
  return new ApiFailure(error.message, { status, code, requestId, item: path })
}
