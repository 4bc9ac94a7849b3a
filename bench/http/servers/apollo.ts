/**
 * Apollo Server on Fastify. The option `--cache` chooses where Apollo's response cache stores its entries: `none` (no cache), `memory`, or
 * `redis` (the server at REDIS_URL).
 */
import { parseArgs } from 'node:util'
import { ApolloServer, type ApolloServerPlugin, type GraphQLRequestContext } from '@apollo/server'
import { ApolloServerPluginCacheControl } from '@apollo/server/plugin/cacheControl'
import { type FastifyInstance, type FastifyRequest, fastify } from 'fastify'
import { loadPeer } from '../../peers/load-peer.ts'
import { announce } from './announce.ts'
import { openGateway, type PeerContext, sessionOf, TTL_SECONDS } from './gateway.ts'

type KeyValueCache = ApolloServer['cache']

type Plugin = (app: FastifyInstance, options: { readonly context: (request: FastifyRequest) => Promise<PeerContext> }) => Promise<void>

interface Integration {
  readonly default: (server: ApolloServer<PeerContext>) => Plugin
}

interface ResponseCache {
  readonly default: (options: {
    readonly sessionId: (request: GraphQLRequestContext<PeerContext>) => Promise<string | null>
  }) => ApolloServerPlugin<PeerContext>
}

interface Adapter {
  readonly KeyvAdapter: new (keyv: unknown) => KeyValueCache
}

interface KeyvRedis {
  readonly createKeyv: (url: string, options: { readonly namespace: string }) => unknown
}

const { values } = parseArgs({ options: { cache: { type: 'string', default: 'none' } } })
const gateway = await openGateway()
const { default: fastifyApollo } = await loadPeer<Integration>('@as-integrations/fastify')

const server = new ApolloServer<PeerContext>({
  schema: gateway.schema,
  plugins: [
    // Without a default maximum age, Apollo would not cache a response that contains a type without a cache hint, such as Money.
    ApolloServerPluginCacheControl({ defaultMaxAge: TTL_SECONDS }),
    ...(values.cache === 'none' ? [] : [await responseCache()]),
  ],
  ...(values.cache === 'redis' ? { cache: await redisCache() } : {}),
})
await server.start()
const app = fastify()
await app.register(fastifyApollo(server), {
  context: async ({ headers }) => gateway.contextOf(await gateway.authenticate(headers.authorization)),
})
announce(await app.listen({ host: '127.0.0.1', port: 0 }))

async function responseCache(): Promise<ApolloServerPlugin<PeerContext>> {
  const { default: plugin } = await loadPeer<ResponseCache>('@apollo/server-plugin-response-cache')
  return plugin({ sessionId: async ({ contextValue }) => sessionOf(contextValue.viewer) })
}

async function redisCache(): Promise<KeyValueCache> {
  const { KeyvAdapter } = await loadPeer<Adapter>('@apollo/utils.keyvadapter')
  const { createKeyv } = await loadPeer<KeyvRedis>('@keyv/redis')
  return new KeyvAdapter(createKeyv(process.env['REDIS_URL'] ?? '', { namespace: 'apollo' }))
}
