const CACHE_CORE = ['engine/cache/model', 'engine/cache/log', 'engine/cache/memory', 'engine/cache/shared', 'engine/cache/read']
const CACHE = [...CACHE_CORE, 'engine/cache/inspect', 'engine/cache']
/**
 * The folders of the GraphQL server, in the order of their imports: each folder imports only from the folders before
 * it.
 */
const GRAPHQL = ['schema', 'document', 'answers', 'execution', 'endpoint'].map((part) => `gateway/graphql/${part}`)
/** Folders of the gateway that the GraphQL server and the HTTP server both import. */
const GATEWAY_GROUND = [
  'gateway/budgets',
  'gateway/identity',
  'gateway/policies',
  'gateway/contract',
  'gateway/writes',
  'gateway/responses',
]

/** Maps each folder under src/ to the folders that it may import from. Type imports count. */
const rooms: Readonly<Record<string, readonly string[]>> = {
  errors: [],
  config: [],
  'engine/cache/model': [],
  'engine/cache/log': ['engine/cache/model'],
  'engine/cache/memory': ['engine/cache/model'],
  'engine/cache/shared': ['engine/cache/model'],
  'engine/cache/read': CACHE_CORE.slice(0, 4),
  'engine/cache/inspect': CACHE_CORE,
  'engine/cache': CACHE,
  'engine/redis': [...CACHE, 'errors'],
  'engine/postgres': [...CACHE, 'errors'],
  'gateway/budgets': ['errors'],
  'gateway/identity': ['gateway/budgets', 'errors'],
  'gateway/policies': [...CACHE, 'errors'],
  'gateway/contract': ['gateway/identity', ...CACHE, 'errors'],
  'gateway/writes': ['gateway/identity', 'gateway/contract', ...CACHE, 'errors'],
  'gateway/responses': ['gateway/budgets', ...CACHE, 'errors'],
  ...Object.fromEntries(GRAPHQL.map((room, index) => [room, [...GRAPHQL.slice(0, index), ...GATEWAY_GROUND, ...CACHE, 'errors']])),
  'gateway/live': [...GRAPHQL, ...GATEWAY_GROUND, ...CACHE, 'errors'],
  'gateway/http': [...GRAPHQL, ...GATEWAY_GROUND, 'gateway/live', 'errors'],
  'gateway/warming': [...GRAPHQL, ...GATEWAY_GROUND, ...CACHE, 'errors'],
  'market/rules': ['gateway/contract', 'errors'],
  'market/tables': ['gateway/contract', 'engine/postgres', 'errors'],
  'market/modules': [
    'market/rules',
    'market/tables',
    'gateway/contract',
    'gateway/identity',
    'engine/cache/model',
    'engine/cache/read',
    'engine/cache',
    'engine/postgres',
    'errors',
  ],
  'market/telephony': ['market/modules', 'gateway/contract', 'gateway/writes', 'engine/cache/model', 'errors'],
  'market/seed': ['market/rules', 'market/tables', 'market/modules', 'engine/postgres', 'config', 'errors'],
  'market/import': ['market/rules', 'market/tables', 'market/modules', 'market/seed', 'gateway/contract', 'engine/postgres', 'errors'],
  'operations/warming': [...GRAPHQL, ...GATEWAY_GROUND, 'gateway/warming', ...CACHE, 'engine/redis', 'errors'],
  'operations/purging': ['gateway/responses', ...CACHE, 'engine/postgres', 'errors'],
  'operations/telemetry': [
    'gateway/http',
    'gateway/live',
    ...GRAPHQL,
    ...GATEWAY_GROUND,
    'operations/warming',
    'operations/purging',
    ...CACHE,
    'engine/redis',
    'engine/postgres',
    'errors',
  ],
  'operations/experiments': [],
  'operations/history': ['operations/telemetry', ...GRAPHQL, ...CACHE, 'engine/postgres', 'errors'],
  'operations/admin': [
    'operations/history',
    'operations/history',
    'operations/telemetry',
    'operations/warming',
    'operations/purging',
    'gateway/http',
    'gateway/warming',
    ...GRAPHQL,
    ...GATEWAY_GROUND,
    ...CACHE,
    'engine/postgres',
    'engine/redis',
    'errors',
  ],
  'operations/doctor': [...CACHE, 'engine/postgres', 'engine/redis', 'errors'],
  'operations/cli': ['operations/admin', 'operations/doctor', 'errors'],
}

const EVERY_ROOM = Object.keys(rooms)

export const allowedImports: Readonly<Record<string, readonly string[]>> = {
  ...rooms,
  app: EVERY_ROOM,
  start: ['app', ...EVERY_ROOM],
  main: ['start', 'config'],
  tidegate: ['start'],
  'check-health': ['start'],
}

/** Maps each npm package to the only folders that may import it. Subfolders are included. */
export const packageHomes: Readonly<Record<string, readonly string[]>> = {
  'lru-cache': ['engine/cache', 'gateway/budgets', 'gateway/responses'],
  ioredis: ['engine/redis'],
  pg: ['engine/postgres'],
  '@electric-sql/pglite': ['engine/postgres'],
  kysely: ['engine/postgres', 'gateway/contract', 'market', 'operations/admin'],
  '@apollo/server': ['gateway/graphql'],
  '@graphql-tools/schema': ['gateway/graphql'],
  '@graphql-tools/utils': ['gateway/graphql'],
  graphql: ['gateway/graphql', 'gateway/policies', 'gateway/contract', 'gateway/warming', 'gateway/live', 'market/modules'],
  croner: ['gateway/warming', 'operations/warming'],
  dataloader: ['gateway/graphql', 'gateway/contract'],
  fastify: ['gateway/http', 'operations/admin', 'market/telephony'],
  '@fastify/cors': ['gateway/http'],
  '@fastify/proxy-addr': ['gateway/http'],
  'rate-limiter-flexible': ['gateway/budgets'],
  jose: ['gateway/identity'],
  'prom-client': ['operations/telemetry'],
  pino: ['operations/telemetry'],
  '@opentelemetry/api': ['operations/telemetry'],
  zod: ['config', 'operations/admin'],
  'csv-parse': ['market/import'],
  '@streamparser/json': ['market/import'],
  'libphonenumber-js': ['market/rules'],
}

/** The only modules that the pages in web/ may import, besides their own files and the types of the management API. */
export const pagePackages = ['react', 'react-dom', 'd3-scale', 'd3-shape', 'graphiql']

/** File whose types, and nothing else, the pages in web/ may import from src/. */
export const PAGE_CONTRACT = 'src/operations/admin/contract.ts'
