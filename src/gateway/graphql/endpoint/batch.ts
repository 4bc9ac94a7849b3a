import type { GraphQLHttpResponse } from './endpoint.ts'

/** Values of `X-Cache`, worst first. */
const VERDICTS = ['STALE', 'BYPASS', 'MISS', 'HIT']

/** Patterns of the values of `Cache-Control`, strictest first. */
const STRICTNESS = [/no-store/, /private, no-cache/, /private/, /public/]

/**
 * Joins the responses to the operations of one batch into one response, in the order of the operations. The joined response has the
 * strictest `Cache-Control` of these responses, their worst `X-Cache`, and the consistency token of the last write. This token also covers
 * the earlier writes. If the response to one operation may be stale, the `extensions` of that response say so.
 */
export function joinAnswers(answers: readonly GraphQLHttpResponse[]): GraphQLHttpResponse {
  const strictness = ({ headers }: GraphQLHttpResponse) =>
    STRICTNESS.findIndex((pattern) => pattern.test(headers.get('cache-control') ?? ''))
  const [strictest] = answers.toSorted((a, b) => strictness(a) - strictness(b))
  const headers = new Map<string, string>()
  for (const name of ['content-type', 'cache-control', 'vary']) headers.set(name, strictest?.headers.get(name) ?? '')
  // Public members of a batch have different lifetimes, so caches outside the gateway must not store the joined response.
  if (headers.get('cache-control')?.startsWith('public')) headers.set('cache-control', 'private, no-cache')
  const verdict = VERDICTS.find((name) => answers.some((answer) => answer.headers.get('x-cache') === name))
  if (verdict !== undefined) headers.set('x-cache', verdict)
  const token = answers.findLast((answer) => answer.headers.has('consistency-token'))?.headers.get('consistency-token')
  if (token !== undefined) headers.set('consistency-token', token)
  const bodies = answers.map(({ body }) => body).filter((body) => body instanceof Uint8Array)
  const parts = bodies.flatMap((body, index) => (index === 0 ? [body] : [Buffer.from(','), body]))
  return { status: 200, headers, body: Buffer.concat([Buffer.from('['), ...parts, Buffer.from(']')]) }
}
