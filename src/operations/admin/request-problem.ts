import type { z } from 'zod'
import { type ErrorCode, GatewayError } from '../../errors.ts'

/** Error for a request of which one item is wrong. Nothing of the request was done. */
export class RequestProblem extends GatewayError {
  /** Item that is wrong, such as `tags[3]`; undefined if the request as a whole is wrong. */
  readonly item: string | undefined

  constructor(code: ErrorCode, item: string | undefined, message: string) {
    super(code, item === undefined ? message : `${item}: ${message}`)
    this.item = item
  }
}

/** Returns the checked value. @throws RequestProblem BAD_USER_INPUT that names the first item that does not fit the schema. */
export function checked(schema: z.ZodType, value: unknown): unknown {
  const result = schema.safeParse(value)
  if (result.success) return result.data
  const [issue] = result.error.issues
  const keys = issue?.code === 'unrecognized_keys' ? issue.keys.slice(0, 1) : []
  const item = pathOf([...(issue?.path ?? []), ...keys])
  const text = keys.length > 0 ? 'this name is not known here.' : `${issue?.message ?? 'the value is wrong'}.`
  throw new RequestProblem('BAD_USER_INPUT', item, text.slice(0, 500))
}

/** Returns a path as a text such as `set[2].values.l1`; undefined for an empty path. */
function pathOf(path: readonly PropertyKey[]): string | undefined {
  if (path.length === 0) return undefined
  return path
    .map((part) => (typeof part === 'number' ? `[${part}]` : `.${String(part).slice(0, 60)}`))
    .join('')
    .replace(/^\./, '')
}
