import { z } from 'zod'
import { historyVariables } from './history-variables.ts'
import { identityVariables } from './identity-variables.ts'
import { liveVariables } from './live-variables.ts'
import { managementVariables } from './management-variables.ts'
import { marketVariables } from './market-variables.ts'
import { purgeVariables } from './purge-variables.ts'
import { tracingVariables } from './tracing-variables.ts'
import { limit, onOff, positive, rate, secret, text, type Variable } from './variable-kinds.ts'

/** Table of all environment variables, with their accepted values and meanings. */
export const variables = {
  NODE_ENV: {
    group: 'Server',
    schema: z.enum(['development', 'production', 'test']),
    default: 'development',
    expected: 'development or production',
    meaning: 'Mode of the process. In production secrets and DATABASE_URL must be set; introspection and the page at / are off by default.',
  },
  HOST: text('a host name or address', 'Address that the server listens on.', 'Server', '127.0.0.1'),
  PORT: {
    group: 'Server',
    schema: z.coerce.number().int().min(0).max(65535),
    default: '4000',
    expected: 'a port from 0 (any free one) to 65535',
    meaning: 'Port that the server listens on.',
  },
  WORKERS: positive('processes', '1', 'Number of processes that share the port. More than one needs DATABASE_URL.', 'Server'),
  BODY_LIMIT_BYTES: positive(
    'bytes',
    '524288',
    'Maximum size of a request body. 1,000 analytics events take about half of the default.',
    'Server',
  ),
  BATCH_LIMIT: {
    group: 'Server',
    schema: z.coerce.number().int().min(0).max(100),
    default: '0',
    expected: 'a whole number from 0 to 100',
    meaning:
      'Maximum number of operations in a batch (a JSON list in one HTTP request). They are executed one after the other. 0: batches are refused.',
  },
  RATE_LIMIT_CALLER: rate('one user of a tenant, or from one address if the request has no token'),
  RATE_LIMIT_TENANT: rate('all users of a tenant together'),
  ...liveVariables,
  REQUEST_MEMORY_BYTES: positive(
    'bytes',
    '67108864',
    'Maximum estimated memory of the request stores of a process: half for documents with their plans, an eighth for requests that are recognised by their text, an eighth for requests that are recognised by their bytes, an eighth for persisted queries, an eighth for verified tokens. The other memory of a process is described in operations.md, under Memory.',
    'Server',
  ),
  RECOGNISE_REQUESTS: onOff(
    'on',
    'on: a request whose bytes were sent before, and whose answer is in memory, is answered before HTTP is parsed. Tracing turns it off.',
    'Server',
  ),
  REQUEST_TIMEOUT_MS: positive(
    'ms',
    '30000',
    'Maximum time to receive a request. Also the maximum time to send a response while the client reads nothing of it.',
    'Server',
  ),
  DRAIN_SECONDS: {
    group: 'Server',
    schema: z.coerce.number().min(0).max(600),
    default: '5 in production, 0 in development',
    expected: 'a number of seconds from 0 to 600',
    meaning:
      'Time after SIGTERM in which connections are still accepted while /readyz returns 503. After the port is closed, idle connections are kept for the same time again, so it must be longer than a proxy keeps an idle connection to the gateway.',
  },
  SHUTDOWN_TIMEOUT_MS: positive('ms', '20000', 'Maximum time for requests in flight to finish after the drain.', 'Server'),
  TRUSTED_PROXIES: text(
    'addresses or ranges, separated by commas',
    'Proxies whose X-Forwarded-* headers are trusted. Default: none.',
    'Server',
  ),
  CORS_ORIGINS: text(
    'origins, separated by commas',
    'Allowed CORS origins. In development every origin of this machine is allowed, too.',
    'Server',
    'https://studio.apollographql.com',
  ),
  LANDING_PAGE: onOff('on in development, off in production', 'Serves a GraphQL explorer at /explorer, and Apollo Sandbox at /.', 'Server'),
  INTROSPECTION: onOff('on in development, off in production', 'Enables introspection of the schema.', 'Server'),
  TRUSTED_DOCUMENTS: text(
    'a JSON file',
    'Manifest of trusted documents, in the format of graphql-codegen, Relay or Apollo. Clients can send the id of a document in place of its text. It is read at start. Default: none.',
    'Server',
  ),
  TRUSTED_DOCUMENTS_ONLY: onOff('off', 'on: a document that is not in TRUSTED_DOCUMENTS is refused before it is parsed.', 'Server'),
  MAX_DOCUMENT_BYTES: limit('bytes', 100_000, 'Maximum size of a GraphQL document.'),
  MAX_TOKENS: limit('tokens', 4000, 'Maximum number of lexical tokens in a document.'),
  MAX_DEFINITIONS: limit('definitions', 100, 'Maximum number of operations and fragments in a document.'),
  MAX_DEPTH: limit('levels', 15, 'Maximum nesting of fields and inline fragments. The standard introspection query is exempt.'),
  MAX_ALIASES: limit('aliases', 50, 'Maximum number of aliases in an operation. Those of a fragment count at each spread.'),
  MAX_ROOT_FIELDS: limit('fields', 30, 'Maximum number of root fields in an operation.'),
  MAX_DIRECTIVES: limit(
    'directives',
    50,
    'Maximum number of directives in an operation, known or unknown. Those of a fragment count at each spread.',
  ),
  MAX_SELECTIONS: limit(
    'selections',
    2000,
    'Maximum number of fields and fragments in an operation. Those of a fragment count at each spread.',
  ),
  MAX_REPEATS: limit('selections', 50, 'Maximum number of times that one field is selected at the same place of the response.'),
  MAX_VARIABLE_VALUES: limit('values', 20_000, 'Maximum number of object keys and list items in all variables together.'),
  MAX_OBJECT_KEYS: limit('keys', 100, 'Maximum number of keys in one object of variables or literals, and of arguments of one field.'),
  MAX_LIST_LENGTH: limit('items', 2000, 'Maximum number of items in one list of variables or literals.'),
  MAX_INPUT_DEPTH: limit('levels', 20, 'Maximum nesting of objects and lists in variables or literals.'),
  MAX_TEXT_LENGTH: limit('characters', 10_000, 'Maximum length of one string in variables or literals.'),
  MAX_COST: limit(
    'values',
    100_000,
    'Maximum cost of an operation: the number of values that its response can have, computed before execution from the sizes of its lists. Expensive fields count more.',
  ),
  MAX_CONCURRENT_COST: limit(
    'values',
    200_000,
    'Maximum total cost of the operations that run at the same time in a process. Expensive operations beyond it wait, and are refused if operations of four times that cost wait already.',
  ),
  MAX_RESPONSE_BYTES: limit('bytes', 8 * 2 ** 20, 'Maximum size of a response as JSON. An operation with a larger one fails.'),
  MAX_OPERATION_HEAP_BYTES: limit(
    'bytes',
    128 * 2 ** 20,
    'Maximum memory of one operation. MAX_COST and MAX_RESPONSE_BYTES must fit into it: 1,024 bytes for each value, and 2 for each byte of the response.',
  ),
  VALIDATION_TIMEOUT_MS: limit('ms', 250, 'Maximum CPU time to validate a document.'),
  EXECUTION_TIMEOUT_MS: limit('ms', 15_000, 'Maximum time to execute a query. A mutation is not aborted.'),
  METRICS: onOff(
    'on in development, off in production',
    'Serves metrics for Prometheus at /metrics on PORT, unless METRICS_PORT is set.',
    'Server',
  ),
  METRICS_TENANTS: onOff(
    'off',
    'Includes requests by tenant in the metrics: the 50 tenants with the most requests by name, all others together.',
    'Server',
  ),
  METRICS_PORT: {
    group: 'Server',
    schema: z.coerce.number().int().min(0).max(65535),
    expected: 'a port from 0 (any free one) to 65535',
    meaning: 'Serves /metrics on this port of HOST, which clients do not need to reach. Every worker returns the sums over all workers.',
  },
  ...managementVariables,
  LOG_LEVEL: {
    group: 'Server',
    schema: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']),
    default: 'info',
    expected: 'trace, debug, info, warn, error, fatal or silent',
    meaning: 'Lowest level that is logged. The log is written to standard output as JSON lines.',
  },
  DATABASE_URL: {
    group: 'Database',
    schema: z.string().regex(/^postgres(ql)?:\/\//),
    expected: 'postgres://user:password@host:port/database, with ?sslmode=verify-full for TLS',
    meaning: 'Connection string of PostgreSQL 15 or newer. Default: an embedded one for a single process.',
  },
  DATABASE_POOL_SIZE: positive(
    'connections',
    '10',
    'Maximum number of database connections of a process, in addition to one each for the invalidation log, /readyz, operators, and with PURGE_KIND the purges.',
    'Database',
  ),
  DATABASE_STATEMENT_TIMEOUT_MS: positive('ms', '10000', 'Maximum duration of a statement.', 'Database'),
  EMBEDDED_DIR: text('a folder', 'Folder of the embedded database.', 'Database', '.tidegate/database'),
  REDIS_URL: {
    group: 'Redis',
    schema: z
      .string()
      .regex(
        /^rediss?(\+sentinel|\+cluster)?:\/\/([^@/]*@)?[^@/?#:,]+(:\d{1,5})?(,[^@/?#:,]+(:\d{1,5})?)*(\/[^?#]*)?$|^rediss?:\/\/([^@/]*@)?\[[0-9a-f:]+\](:\d{1,5})?(\/\d+)?$/,
      ),
    expected:
      'redis://host:port/db, redis+sentinel://host:port,host:port/master-name/db or redis+cluster://host:port,host:port (rediss… for TLS)',
    meaning: 'Connection string of Redis, the cache tier that processes share. Default: none, so each process has its own cache.',
  },
  REDIS_CA_FILE: text('a PEM file', 'Certificate of the authority that signed the certificate of Redis.', 'Redis'),
  REDIS_COMMAND_TIMEOUT_MS: positive(
    'ms',
    '100',
    'Timeout of a Redis command. After it the command counts as failed, and the cache continues without it.',
    'Redis',
  ),
  REDIS_PREFIX: {
    group: 'Redis',
    schema: z.string().regex(/^[A-Za-z0-9_-]{1,32}$/),
    default: 'tidegate',
    expected: 'up to 32 letters, digits, - or _',
    meaning: 'Prefix of every key and channel in Redis.',
  },
  CACHE: onOff('on', 'off: every read goes to the database. The responses are the same.', 'Cache'),
  CACHE_MEMORY_BYTES: positive(
    'bytes',
    '67108864',
    'Maximum estimated size of the values and whole responses that a process caches in memory.',
    'Cache',
  ),
  CACHE_TICK_MS: positive(
    'ms',
    '75',
    'Interval between two polls of the invalidation log. While the wake-up through Redis is connected it is 400 ms.',
    'Cache',
  ),
  CACHE_STALENESS_BOUND_MS: positive(
    'ms',
    '1000',
    'Maximum staleness of a response without a consistency token, unless it is marked stale.',
    'Cache',
  ),
  CACHE_KEY_VERSION: {
    group: 'Cache',
    schema: z.string().regex(/^[A-Za-z0-9._-]{1,32}$/),
    default: '1',
    expected: 'up to 32 letters, digits, ., - or _',
    meaning:
      'Part of every key in Redis: changing it starts with an empty cache. A release does not need a new value, because keys hold the shape of the cached value.',
  },
  CACHE_CONCURRENT_LOADS: positive('loads', '32', 'Maximum number of concurrent loads from the database in a process.', 'Cache'),
  ...historyVariables,
  CACHE_SHADOW_RATE: {
    group: 'Cache',
    schema: z.coerce.number().min(0).max(1),
    default: '0.001',
    expected: 'a number from 0 (off) to 1',
    meaning:
      'Share of the values served from copies that shadow mode compares: it loads the value again in the background, past the cache, and reports a difference that the invalidation log does not explain.',
  },
  CACHE_DEPENDENCY_CHECK_RATE: {
    group: 'Cache',
    schema: z.coerce.number().min(0).max(1),
    default: '0.001',
    expected: 'a number from 0 (off) to 1',
    meaning:
      'Share of loads whose tables are compared with `depends` in production. A difference fails nothing there: `tidegate_cache_undeclared_reads_total` counts it, and the log names the field and the table. In development every load is compared, and a difference fails the load.',
  },
  WARMING: onOff(
    'on',
    'Keeps the cache warm: a process that starts copies the hottest entries from Redis before it is ready, and executes recorded operations after a start, a deploy or a broad invalidation.',
    'Cache',
  ),
  WARMING_MAX_RATE: positive(
    'operations a second',
    '200',
    'Maximum rate at which warming executes operations. While loads from the database take twice their usual time, the rate is halved repeatedly. It is also lower while the process is busy.',
    'Cache',
  ),
  WARM_FILE: text(
    'a GraphQL file',
    'Queries that are warmed on a cron schedule, each with `@warm`: see [warming.md](warming.md). It is read at start. Default: none.',
    'Cache',
  ),
  WARM_DASHBOARDS: onOff(
    'on in production, off in development',
    'Loads the dashboards of today and of this month right after each hour begins and every six minutes, and the buyers of the most valuable routes ten minutes before each hour, for each tenant that had a call or a bid in the last seven days. The queries are in `warm/dashboards.graphql`.',
    'Cache',
  ),
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
    meaning:
      'Overrides the numbers of `@cache` in the schema, by type or field: durations in seconds, `softTimeout` and `hardTimeout` in ms, `earlyRefresh` as a weight.',
  },
  CACHE_DEBUG: onOff(
    'on in development, off in production',
    'Allows the request header `X-Cache-Debug: 1`, which adds the cache source of each field and the header `Server-Timing` to the response.',
    'Cache',
  ),
  ...tracingVariables,
  CACHE_SECRET: secret('Secret that protects consistency tokens and entries in Redis. All processes need the same value.', 'Cache'),
  CACHE_SECRET_PREVIOUS: secret('Previous CACHE_SECRET, accepted while it is being replaced.', 'Cache'),
  ...identityVariables,
  ...marketVariables,
  ...purgeVariables,
} as const satisfies Record<string, Variable>

export type VariableName = keyof typeof variables
