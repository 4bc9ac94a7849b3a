import { GatewayError } from '../../../errors.ts'

const UTF8 = new TextDecoder('utf-8', { fatal: true })
const CHARSET = /;\s*charset\s*=\s*"?([^\s";]*)/i

/** Parts of a request that {@link readJson} reads. */
export interface JsonRequest {
  readonly method: string
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>
  readonly body: Uint8Array | undefined
}

/**
 * Returns the parsed JSON of a POST's body. The body must be UTF-8, with or without a byte order mark. Returns undefined if there is no
 * body.
 * @throws GatewayError BAD_REQUEST for a body that is no JSON, UNSUPPORTED_MEDIA_TYPE for another charset.
 */
export function readJson({ method, headers, body }: JsonRequest): unknown {
  if (method === 'GET' || body === undefined) return undefined
  const [, charset = 'utf-8'] = CHARSET.exec(String(headers['content-type'])) ?? []
  if (!/^utf-?8$/i.test(charset))
    throw new GatewayError(
      'UNSUPPORTED_MEDIA_TYPE',
      `Expected JSON in UTF-8, got the charset ${JSON.stringify(charset.slice(0, 40))}: send application/json.`,
    )
  return parseJson(body)
}

/** Parses JSON in UTF-8, with or without a byte order mark. @throws GatewayError BAD_REQUEST for other bytes. */
export function parseJson(body: Uint8Array): unknown {
  let text: string
  try {
    text = UTF8.decode(body)
  } catch {
    throw new GatewayError('BAD_REQUEST', 'Expected JSON in UTF-8, got bytes that are not UTF-8.')
  }
  try {
    return JSON.parse(text)
  } catch {
    throw new GatewayError('BAD_REQUEST', 'Invalid JSON: send a body such as {"query": "…"}.')
  }
}
