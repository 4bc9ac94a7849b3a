import { pino } from 'pino'
import { createEndpoint } from '../../src/graphql/endpoint.ts'
import { createServer } from '../../src/http/server.ts'

export interface Served {
  readonly url: string
  close(): Promise<void>
}

type Apollo = Parameters<typeof createEndpoint>[0]
type ContextOf = Parameters<typeof createEndpoint>[1]

/** Serves any Apollo Server by this project's HTTP side, to callers that are all anonymous. */
export async function serve(apollo: Apollo, contextOf: ContextOf = async () => ({})): Promise<Served> {
  const server = await createServer({
    graphql: createEndpoint(apollo, contextOf),
    authentication: { authenticate: async () => null, known: () => null },
    notReady: async () => null,
    metrics: undefined,
    logger: pino({ level: 'silent' }),
    bodyLimitBytes: 1_048_576,
    requestTimeoutMs: 30_000,
    trustedProxies: [],
    corsOrigins: [],
    landingPage: false,
    debug: false,
    allowLocalOrigins: false,
    onResponse: () => undefined,
    draining: new AbortController().signal,
  })
  // Some of the suite's requests have a path of their own behind the address.
  server.server.prependListener('request', (request) => {
    request.url = `/graphql${new URL(request.url ?? '/', 'http://localhost').search}`
  })
  return { url: await server.listen({ host: '127.0.0.1', port: 0 }), close: () => server.close() }
}
