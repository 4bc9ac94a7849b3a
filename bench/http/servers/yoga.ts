/** GraphQL Yoga on node:http, with Yoga's response cache in memory. */
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { GraphQLSchema } from 'graphql'
import { loadPeer } from '../../peers/load-peer.ts'
import { announce } from './announce.ts'
import { openGateway, type PeerContext, sessionOf, TTL_SECONDS } from './gateway.ts'

interface Yoga {
  readonly createYoga: (options: {
    readonly schema: GraphQLSchema
    readonly context: (initial: { readonly request: Request }) => Promise<PeerContext>
    readonly plugins: readonly unknown[]
    readonly logging: boolean
    readonly graphiql: boolean
    readonly landingPage: boolean
  }) => RequestListener
}

interface ResponseCache {
  readonly useResponseCache: (options: {
    readonly session: (request: Request) => Promise<string | null>
    /** TTL of the cache entries, ms. */
    readonly ttl: number
  }) => unknown
}

const gateway = await openGateway()
const { createYoga } = await loadPeer<Yoga>('graphql-yoga')
const { useResponseCache } = await loadPeer<ResponseCache>('@graphql-yoga/plugin-response-cache')
const viewerOf = (request: Request) => gateway.authenticate(request.headers.get('authorization') ?? undefined)

const yoga = createYoga({
  schema: gateway.schema,
  context: async ({ request }) => gateway.contextOf(await viewerOf(request)),
  plugins: [useResponseCache({ session: async (request) => sessionOf(await viewerOf(request)), ttl: TTL_SECONDS * 1000 })],
  logging: false,
  graphiql: false,
  landingPage: false,
})
const server = createServer(yoga)
server.listen(0, '127.0.0.1', () => announce(`http://127.0.0.1:${(server.address() as AddressInfo).port}`))
