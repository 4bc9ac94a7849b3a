import { pino } from 'pino'
import { createEndpoint } from '../../src/gateway/graphql/endpoint/endpoint.ts'
import { createServer } from '../../src/gateway/http/server.ts'
import { recognition } from '../servers/recognition.ts'

export interface Served {
  readonly url: string
  close(): Promise<void>
}

type Apollo = Parameters<typeof createEndpoint>[0]
type ContextOf = Parameters<typeof createEndpoint>[1]

/** Serves any Apollo Server through this project's HTTP server. All callers are anonymous. */
export async function serve(apollo: Apollo, contextOf: ContextOf = async () => ({})): Promise<Served> {
  const server = await createServer({
    graphql: createEndpoint(apollo, contextOf),
    authentication: { authenticate: async () => null, remembered: () => ({ principal: () => null }) },
    notReady: async () => null,
    metrics: undefined,
    logger: pino({ level: 'silent' }),
    bodyLimitBytes: 1_048_576,
    requestTimeoutMs: 30_000,
    trustedProxies: [],
    corsOrigins: [],
    explorer: undefined,
    debug: false,
    allowLocalOrigins: false,
    onResponse: () => undefined,
    recognition: { isOn: recognition === 'on', memoryBytes: 2 ** 20, onRecognised: () => undefined },
    lingerMs: 0,
  })
  // Some requests of the suite append a path to the address. The HTTP server knows only /graphql.
  server.server.prependListener('request', (request) => {
    request.url = `/graphql${new URL(request.url ?? '/', 'http://localhost').search}`
  })
  return { url: await server.listen({ host: '127.0.0.1', port: 0 }), close: () => server.close() }
}
