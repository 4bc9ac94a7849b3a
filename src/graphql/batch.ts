import type { GraphQLHttpResponse } from './endpoint.ts'

/** Worst first. */
const VERDICTS = ['STALE', 'BYPASS', 'MISS', 'HIT']

/** Strictest first. */
const STRICTNESS = [/no-store/, /private, no-cache/, /private/, /public/]

/**
 * The answer to several operations in one request, in their order. Of what they say about storing it, the strictest counts; a
 * consistency token is the last write's, which covers those before it. `X-Cache` is the worst of all; which members are stale, their own
 * extensions say.
 */
export function joinAnswers(answers: readonly GraphQLHttpResponse[]): GraphQLHttpResponse {
  const strictness = ({ headers }: GraphQLHttpResponse) =>
    STRICTNESS.findIndex((pattern) => pattern.test(headers.get('cache-control') ?? ''))
  const [strictest] = answers.toSorted((a, b) => strictness(a) - strictness(b))
  const headers = new Map<string, string>()
  for (const name of ['content-type', 'cache-control', 'vary']) headers.set(name, strictest?.headers.get(name) ?? '')
  // The members of a batch that may be public live for different times: nobody outside keeps them.
  if (headers.get('cache-control')?.startsWith('public')) headers.set('cache-control', 'private, no-cache')
  const verdict = VERDICTS.find((name) => answers.some((answer) => answer.headers.get('x-cache') === name))
  if (verdict !== undefined) headers.set('x-cache', verdict)
  const token = answers.findLast((answer) => answer.headers.has('consistency-token'))?.headers.get('consistency-token')
  if (token !== undefined) headers.set('consistency-token', token)
  const bodies = answers.map(({ body }) => body).filter((body) => body instanceof Uint8Array)
  const parts = bodies.flatMap((body, index) => (index === 0 ? [body] : [Buffer.from(','), body]))
  return { status: 200, headers, body: Buffer.concat([Buffer.from('['), ...parts, Buffer.from(']')]) }
}
