/**
 * Mercurius with its compiler and with mercurius-cache. The option `--cache` chooses where the cache stores its entries: `none` (no cache),
 * `memory`, or `redis` (the server at REDIS_URL). By default, the result of each resolver is cached. With `--tree`, the complete result of
 * the root field is cached as plain objects, so that the fields below the root field only read properties. `--cache redis` works only with
 * `--tree`, because the rows that the resolvers return cannot be stored in Redis as JSON.
 */
import { parseArgs } from 'node:util'
import { type FastifyInstance, type FastifyRequest, fastify } from 'fastify'
import { buildASTSchema, execute, type GraphQLSchema, parse } from 'graphql'
import { Redis } from 'ioredis'
import { loadPeer } from '../../peers/load-peer.ts'
import { announce } from './announce.ts'
import { openGateway, type PeerContext, sessionOf, TTL_SECONDS } from './gateway.ts'

interface Context extends PeerContext {
  readonly operation: { readonly query: string; readonly variables: Record<string, unknown> }
}

interface Plugin<Options> {
  readonly default: (app: FastifyInstance, options: Options) => Promise<void>
}

interface MercuriusOptions {
  readonly schema: GraphQLSchema
  /** Number of executions of an operation after which Mercurius compiles it. */
  readonly jit: number
  readonly context: (request: FastifyRequest) => Promise<Context>
}

type FieldPolicy = { readonly extendKey: (self: unknown, args: unknown, context: Context) => string }

interface CacheOptions {
  /** TTL of the cache entries, s. */
  readonly ttl: number
  readonly policy: Readonly<Record<string, Readonly<Record<string, FieldPolicy>>>>
  readonly storage: { readonly type: 'memory' | 'redis'; readonly options: object }
}

const { values } = parseArgs({ options: { cache: { type: 'string', default: 'none' }, tree: { type: 'boolean', default: false } } })
const gateway = await openGateway()
const { default: mercurius } = await loadPeer<Plugin<MercuriusOptions>>('mercurius')
const { default: mercuriusCache } = await loadPeer<Plugin<CacheOptions>>('mercurius-cache')

const app = fastify()
app.register(mercurius, {
  schema: values.tree ? treeSchema() : gateway.schema,
  jit: 1,
  context: async (request) => ({
    ...gateway.contextOf(await gateway.authenticate(request.headers.authorization)),
    operation: operationOf(request),
  }),
})
if (values.cache !== 'none')
  app.register(mercuriusCache, { ttl: TTL_SECONDS, policy: values.tree ? treePolicy() : fieldPolicy(), storage: storage() })
announce(await app.listen({ host: '127.0.0.1', port: 0 }))

function operationOf({ method, query, body }: FastifyRequest): Context['operation'] {
  const sent = (method === 'GET' ? query : body) as { readonly query: string; readonly variables?: Record<string, unknown> | string }
  const { variables = {} } = sent
  return { query: sent.query, variables: typeof variables === 'string' ? JSON.parse(variables) : variables }
}

/** Returns a schema in which only the root field has a resolver. The resolver executes the whole operation and returns the plain result. */
function treeSchema(): GraphQLSchema {
  const schema = buildASTSchema(gateway.typeDefs)
  const campaigns = schema.getQueryType()?.getFields()['campaigns']
  if (!campaigns) throw new Error('Expected the field Query.campaigns in the schema.')
  campaigns.resolve = async (_root, _args, context: Context) => {
    const { query, variables: variableValues } = context.operation
    const { data, errors } = await execute({ schema: gateway.schema, document: parse(query), variableValues, contextValue: context })
    if (errors?.[0]) throw errors[0]
    return data?.['campaigns']
  }
  return schema
}

function treePolicy(): CacheOptions['policy'] {
  // By default, the cache key contains only the first level of the selection. So the whole query is added to the key.
  return { Query: { campaigns: { extendKey: (_self, _args, context) => `${sessionOf(context.viewer)}:${context.operation.query}` } } }
}

function fieldPolicy(): CacheOptions['policy'] {
  const policy: FieldPolicy = { extendKey: (_self, _args, context) => String(sessionOf(context.viewer)) }
  return {
    Query: { campaigns: policy },
    CampaignConnection: { nodes: policy },
    Campaign: { budget: policy, owner: policy, domainCount: policy },
  }
}

function storage(): CacheOptions['storage'] {
  if (values.cache === 'memory') return { type: 'memory', options: { size: 10_000 } }
  return { type: 'redis', options: { client: new Redis(process.env['REDIS_URL'] ?? '') } }
}
