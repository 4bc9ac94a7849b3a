import { z } from 'zod'

/** What an environment variable may say, for the program and for docs/configuration.md. */
export interface Variable {
  readonly group: string
  readonly schema: z.ZodType
  /** As an operator would write it; undefined where there is none. */
  readonly default?: string
  readonly expected: string
  readonly meaning: string
}

const positive = (unit: string, fallback: string, meaning: string, group: string): Variable => ({
  group,
  schema: z.coerce.number().int().positive(),
  default: fallback,
  expected: `a positive whole number of ${unit}`,
  meaning,
})

const rate = (of: string): Variable => ({
  group: 'Server',
  schema: z.coerce.number().int().min(0).max(1_000_000_000),
  default: '0',
  expected: 'a whole number of requests a minute; 0 for no limit',
  meaning: `Requests a minute of ${of}. Processes with one Redis share the budget; without Redis each has its own.`,
})

const limit = (unit: string, fallback: number, meaning: string): Variable =>
  positive(unit, String(fallback), meaning, 'Limits of a request')

const onOff = (fallback: string, meaning: string, group: string): Variable => ({
  group,
  schema: z.enum(['on', 'off']),
  default: fallback,
  expected: 'on or off',
  meaning,
})

const text = (expected: string, meaning: string, group: string, fallback?: string): Variable => ({
  group,
  schema: z.string().min(1),
  expected,
  meaning,
  ...(fallback === undefined ? {} : { default: fallback }),
})

const secret = (meaning: string, group: string): Variable => ({
  group,
  schema: z.string().min(32),
  expected: 'at least 32 characters',
  meaning,
})

/** One table: what may be set, what it must look like, and what it means. */
export const variables = {
  NODE_ENV: {
    group: 'Server',
    schema: z.enum(['development', 'production', 'test']),
    default: 'development',
    expected: 'development or production',
    meaning: 'In production nothing is made up: the database and all secrets must be given, introspection and the page at / are off.',
  },
  HOST: text('a host name or address', 'Where to listen.', 'Server', '127.0.0.1'),
  PORT: {
    group: 'Server',
    schema: z.coerce.number().int().min(0).max(65535),
    default: '4000',
    expected: 'a port from 0 (any free one) to 65535',
    meaning: 'Where to listen.',
  },
  WORKERS: positive('processes', '1', 'Processes that share the port. More than one needs DATABASE_URL.', 'Server'),
  BODY_LIMIT_BYTES: positive('bytes', '524288', 'Largest request body. 1,000 analytics events are about half of it.', 'Server'),
  BATCH_LIMIT: {
    group: 'Server',
    schema: z.coerce.number().int().min(0).max(100),
    default: '0',
    expected: 'a whole number from 0 to 100',
    meaning: 'Operations that one HTTP request may hold, as a JSON list. 0: none may be a list. They are executed one after the other.',
  },
  RATE_LIMIT_CALLER: rate('one user of a tenant, or of one address where there is no token'),
  RATE_LIMIT_TENANT: rate('all users of a tenant'),
  REQUEST_MEMORY_BYTES: positive(
    'bytes',
    '67108864',
    'What a process keeps of requests, estimated: half of it documents with their plans, a quarter requests that it recognises, an eighth persisted queries, an eighth verified tokens. What else a process takes is in operations.md, under Memory.',
    'Server',
  ),
  REQUEST_TIMEOUT_MS: positive(
    'ms',
    '30000',
    'Longest time to receive a request, and to send an answer while the client reads nothing of it.',
    'Server',
  ),
  DRAIN_SECONDS: {
    group: 'Server',
    schema: z.coerce.number().min(0).max(600),
    default: '5 in production, 0 in development',
    expected: 'a number of seconds from 0 to 600',
    meaning:
      'Time after SIGTERM in which requests are still accepted, while /readyz is 503 and each answer closes its connection. It must be longer than a proxy keeps an idle connection to the gateway.',
  },
  SHUTDOWN_TIMEOUT_MS: positive('ms', '20000', 'Longest time that requests in flight get to finish after that.', 'Server'),
  TRUSTED_PROXIES: text(
    'addresses or ranges, separated by commas',
    'Proxies whose X-Forwarded-* headers are believed. Default: none.',
    'Server',
  ),
  CORS_ORIGINS: text(
    'origins, separated by commas',
    'Origins whose pages may send requests. In development every origin of this machine may, too.',
    'Server',
    'https://studio.apollographql.com',
  ),
  LANDING_PAGE: onOff('on in development, off in production', 'A page at / to explore the schema with.', 'Server'),
  INTROSPECTION: onOff('on in development, off in production', 'Whether the schema may be asked for.', 'Server'),
  TRUSTED_DOCUMENTS: text(
    'a JSON file',
    'Manifest of the documents that clients may name by their ids, as graphql-codegen, Relay or Apollo write it. It is read at start. Default: none.',
    'Server',
  ),
  TRUSTED_DOCUMENTS_ONLY: onOff('off', 'on: every document that TRUSTED_DOCUMENTS does not have is refused before it is parsed.', 'Server'),
  MAX_DOCUMENT_BYTES: limit('bytes', 100_000, 'Largest GraphQL document.'),
  MAX_TOKENS: limit('tokens', 4000, 'Lexical tokens of a document.'),
  MAX_DEFINITIONS: limit('definitions', 100, 'Operations and fragments of a document.'),
  MAX_DEPTH: limit('levels', 15, 'Fields and inline fragments within each other. The standard introspection query is not limited.'),
  MAX_ALIASES: limit('aliases', 50, 'Aliases of an operation; those of a fragment count at each spread.'),
  MAX_ROOT_FIELDS: limit('fields', 30, 'Fields of the operation itself.'),
  MAX_DIRECTIVES: limit('directives', 50, 'Directives of an operation, known or not; those of a fragment count at each spread.'),
  MAX_SELECTIONS: limit('selections', 2000, 'Fields and fragments of an operation; those of a fragment count at each spread.'),
  MAX_REPEATS: limit('selections', 50, 'Selections of one field at one place of the answer.'),
  MAX_VARIABLE_VALUES: limit('values', 20_000, 'Keys and list items of all variables.'),
  MAX_OBJECT_KEYS: limit('keys', 100, 'Keys of one object in variables or literals; arguments of one field.'),
  MAX_LIST_LENGTH: limit('items', 2000, 'Items of one list in variables or literals.'),
  MAX_INPUT_DEPTH: limit('levels', 20, 'Objects and lists within each other in variables or literals.'),
  MAX_TEXT_LENGTH: limit('characters', 10_000, 'Length of one text in variables or literals.'),
  MAX_COST: limit(
    'values',
    100_000,
    'Values that the answer to an operation may have, computed before it is executed: the product of the sizes of its lists. Dear fields count more.',
  ),
  MAX_CONCURRENT_COST: limit('values', 200_000, 'Cost of all operations that run at once in a process. Dear ones beyond it wait.'),
  MAX_RESPONSE_BYTES: limit('bytes', 8 * 2 ** 20, 'Largest answer, as JSON. An operation with a larger one fails.'),
  MAX_OPERATION_HEAP_BYTES: limit(
    'bytes',
    128 * 2 ** 20,
    'Memory that one operation may take. MAX_COST and MAX_RESPONSE_BYTES must fit into it: 1,024 bytes for each value, and 2 for each byte of the answer.',
  ),
  VALIDATION_TIMEOUT_MS: limit('ms', 250, 'Longest time to validate a document.'),
  EXECUTION_TIMEOUT_MS: limit('ms', 15_000, 'Longest time to execute a query. A mutation is not cut off.'),
  METRICS: onOff(
    'on in development, off in production',
    'Metrics for Prometheus at /metrics of PORT, unless METRICS_PORT is set.',
    'Server',
  ),
  METRICS_PORT: {
    group: 'Server',
    schema: z.coerce.number().int().min(0).max(65535),
    expected: 'a port from 0 (any free one) to 65535',
    meaning: 'Serves /metrics at this port of HOST, which clients need not reach. Any worker gives the sums over all.',
  },
  LOG_LEVEL: {
    group: 'Server',
    schema: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']),
    default: 'info',
    expected: 'trace, debug, info, warn, error, fatal or silent',
    meaning: 'What is logged, as JSON lines on standard output.',
  },
  DATABASE_URL: {
    group: 'Database',
    schema: z.string().regex(/^postgres(ql)?:\/\//),
    expected: 'postgres://user:password@host:port/database, with ?sslmode=verify-full for TLS',
    meaning: 'PostgreSQL 15 or newer. Default: an embedded one for a single process.',
  },
  DATABASE_POOL_SIZE: positive(
    'connections',
    '10',
    'Connections of a process, besides one that follows the invalidation log and one for /readyz.',
    'Database',
  ),
  DATABASE_STATEMENT_TIMEOUT_MS: positive('ms', '10000', 'Longest time of a statement.', 'Database'),
  EMBEDDED_DIR: text('a folder', 'Where the embedded database is kept.', 'Database', '.tidegate/database'),
  REDIS_URL: {
    group: 'Redis',
    schema: z
      .string()
      .regex(
        /^rediss?(\+sentinel|\+cluster)?:\/\/([^@/]*@)?[^@/?#:,]+(:\d{1,5})?(,[^@/?#:,]+(:\d{1,5})?)*(\/[^?#]*)?$|^rediss?:\/\/([^@/]*@)?\[[0-9a-f:]+\](:\d{1,5})?(\/\d+)?$/,
      ),
    expected:
      'redis://host:port/db, redis+sentinel://host:port,host:port/master-name/db or redis+cluster://host:port,host:port (rediss… for TLS)',
    meaning: 'The cache tier that processes share. Default: none, each process has its own cache.',
  },
  REDIS_CA_FILE: text('a PEM file', 'Authority that signed the certificate of Redis.', 'Redis'),
  REDIS_COMMAND_TIMEOUT_MS: positive('ms', '100', 'After this a command counts as failed and the cache goes on without it.', 'Redis'),
  REDIS_PREFIX: {
    group: 'Redis',
    schema: z.string().regex(/^[A-Za-z0-9_-]{1,32}$/),
    default: 'tidegate',
    expected: 'up to 32 letters, digits, - or _',
    meaning: 'First part of every key and channel.',
  },
  CACHE: onOff('on', 'off: every read goes to the database. No answer changes.', 'Cache'),
  CACHE_MEMORY_BYTES: positive('bytes', '67108864', 'Values kept in a process, estimated.', 'Cache'),
  CACHE_TICK_MS: positive(
    'ms',
    '75',
    'Time between two looks at the invalidation log; while the wake-up through Redis is connected they are 400 ms apart.',
    'Cache',
  ),
  CACHE_STALENESS_BOUND_MS: positive('ms', '1000', 'How far behind an answer without a consistency token may be.', 'Cache'),
  CACHE_KEY_VERSION: {
    group: 'Cache',
    schema: z.string().regex(/^[A-Za-z0-9._-]{1,32}$/),
    default: '1',
    expected: 'up to 32 letters, digits, ., - or _',
    meaning:
      'Part of every key in Redis: another value starts with an empty cache. Releases need no value of their own: keys hold the shape of what is kept.',
  },
  CACHE_CONCURRENT_LOADS: positive('loads', '32', 'Loads from the database that run at once in a process.', 'Cache'),
  CACHE_MEASURE_RELOADS: onOff(
    'off',
    'Compares each value that was loaded again after an invalidation with the one before: `tidegate_cache_reloads_total` says how many loads a tighter `depends` would have spared.',
    'Cache',
  ),
  CACHE_PROBE_RATE: {
    group: 'Cache',
    schema: z.coerce.number().min(0).max(1),
    default: '0.001',
    expected: 'a number from 0 (off) to 1',
    meaning: 'Share of the reads that the stale-read probe follows: 1, 10 and 60 s after their invalidation it compares with the database.',
  },
  CACHE_DEPENDENCY_CHECK_RATE: {
    group: 'Cache',
    schema: z.coerce.number().min(0).max(1),
    default: '0.001',
    expected: 'a number from 0 (off) to 1',
    meaning:
      'Share of the loads whose tables are compared with `depends` in production, where nothing fails: `tidegate_cache_undeclared_reads_total` counts, the log names field and table. In development every load is compared, and fails.',
  },
  CACHE_POLICIES: {
    group: 'Cache',
    schema: z
      .string()
      .transform((value, context) => {
        try {
          return JSON.parse(value) as unknown
        } catch {
          context.addIssue({ code: 'custom', message: 'not JSON' })
          return z.NEVER
        }
      })
      .pipe(z.record(z.string(), z.record(z.string(), z.number()))),
    default: '{}',
    expected: 'JSON such as {"Campaign": {"l1": 30, "l2": 600}}',
    meaning: 'Durations in seconds in place of those in the schema, by type or field.',
  },
  CACHE_DEBUG: onOff(
    'on in development, off in production',
    'Whether a request may ask where each of its fields came from (header X-Cache-Debug: 1).',
    'Cache',
  ),
  CACHE_SECRET: secret('Protects consistency tokens and entries in Redis. The same on all processes.', 'Cache'),
  CACHE_SECRET_PREVIOUS: secret('Still accepted while CACHE_SECRET is being replaced.', 'Cache'),
  JWT_SECRET: secret('Signs tokens (HS256).', 'Identity'),
  JWT_SECRET_PREVIOUS: secret('Still accepted while JWT_SECRET is being replaced.', 'Identity'),
  JWKS_FILE: text('a JSON file', 'Public keys (RS256, PS256, ES256, EdDSA) in place of JWT_SECRET.', 'Identity'),
  JWKS_URL: {
    group: 'Identity',
    schema: z.url({ protocol: /^https?$/ }),
    expected: 'an http(s) address',
    meaning: 'Public keys (RS256, PS256, ES256, EdDSA) in place of JWT_SECRET.',
  },
  JWT_ISSUER: text('the iss claim', 'Who issues tokens.', 'Identity', 'tidegate'),
  JWT_AUDIENCE: text('the aud claim', 'Whom tokens are for.', 'Identity', 'tidegate'),
  JWT_LEEWAY_SECONDS: {
    group: 'Identity',
    schema: z.coerce.number().int().min(0).max(300),
    default: '5',
    expected: 'a whole number from 0 to 300',
    meaning: 'Difference between the clocks of issuer and gateway that is allowed for in the claims exp, nbf and iat.',
  },
} as const satisfies Record<string, Variable>

export type VariableName = keyof typeof variables
