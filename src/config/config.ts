import { deepFreeze } from './deep-freeze.ts'
import { readLimits } from './limits.ts'
import { type LiveConfig, readLive } from './live-variables.ts'
import { type ManagementConfig, readManagement } from './management-variables.ts'
import { type MarketConfig, readMarket } from './market-variables.ts'
import { type PurgingConfig, readPurging } from './purge-variables.ts'
import type { Variable } from './variable-kinds.ts'
import { type VariableName, variables } from './variables.ts'

export interface Config {
  readonly production: boolean
  readonly server: {
    readonly host: string
    readonly port: number
    readonly workers: number
    readonly bodyLimitBytes: number
    /** Maximum number of operations in one batch; 0 means that batches are refused. */
    readonly maxBatched: number
    /**
     * Maximum estimated memory of a process for data that later requests can reuse, bytes. These data are documents, persisted queries,
     * verified tokens and texts of requests.
     */
    readonly requestMemoryBytes: number
    readonly recogniseRequests: boolean
    readonly requestTimeoutMs: number
    /** Time after SIGTERM for which requests are still accepted, ms. */
    readonly drainMs: number
    readonly shutdownTimeoutMs: number
    readonly trustedProxies: readonly string[]
    readonly corsOrigins: readonly string[]
    readonly landingPage: boolean
    readonly introspection: boolean
    readonly trustedDocuments: {
      /** Path of the file that lists the trusted documents (the manifest); undefined if there is none. */
      readonly file: string | undefined
      /** Whether documents outside the manifest are refused. */
      readonly only: boolean
    }
    /** Whether the public port also serves /metrics. */
    readonly metrics: boolean
    /** Whether the metrics contain figures by tenant. */
    readonly metricsByTenant: boolean
    /** Separate port that serves /metrics; undefined if there is none. */
    readonly metricsPort: number | undefined
    /** Maximum number of requests per minute of each caller and of each tenant. 0 means that there is no limit. */
    readonly rateLimits: { readonly caller: number; readonly tenant: number }
    readonly live: LiveConfig
    readonly logLevel: string
  }
  readonly management: ManagementConfig
  readonly market: MarketConfig
  /** Undefined if no CDN is purged. */
  readonly purging: PurgingConfig | undefined
  /** Limits of one request; docs/configuration.md explains each of them. */
  readonly limits: {
    readonly maxVariableValues: number
    readonly maxObjectKeys: number
    readonly maxListLength: number
    readonly maxInputDepth: number
    readonly maxTextLength: number
    readonly maxDocumentBytes: number
    readonly maxTokens: number
    readonly maxDefinitions: number
    readonly maxDepth: number
    readonly maxAliases: number
    readonly maxRootFields: number
    readonly maxDirectives: number
    readonly maxSelections: number
    readonly maxRepeats: number
    readonly validationTimeoutMs: number
    readonly maxCost: number
    readonly maxConcurrentCost: number
    readonly maxResponseBytes: number
    readonly executionTimeoutMs: number
    readonly maxOperationHeapBytes: number
  }
  readonly database: {
    /** Connection string of PostgreSQL; undefined if the embedded database is used. */
    readonly url: string | undefined
    readonly poolSize: number
    readonly statementTimeoutMs: number
    readonly embeddedFolder: string
  }
  /** Settings of Redis; undefined if there is no Redis. Without Redis, processes do not share a cache tier. */
  readonly redis:
    | { readonly url: string; readonly caFile: string | undefined; readonly commandTimeoutMs: number; readonly prefix: string }
    | undefined
  readonly cache: {
    readonly enabled: boolean
    readonly memoryBytes: number
    readonly tickMs: number
    readonly stalenessBoundMs: number
    readonly keyVersion: string
    readonly concurrentLoads: number
    readonly shadowRate: number
    readonly dependencyCheckRate: number
    /** Time for which the history is kept, days; 0 means that there is no history. */
    readonly historyDays: number
    readonly policies: Readonly<Record<string, Readonly<Record<string, number>>>>
    readonly debug: boolean
    /**
     * Secrets that protect consistency tokens and the cache entries in Redis, newest first. The list is empty if no secret is set. In
     * development, a secret is then generated.
     */
    readonly secrets: readonly string[]
  }
  readonly warming: {
    readonly enabled: boolean
    /** Maximum number of operations that warming executes per second. */
    readonly maxPerSecond: number
    /** File with queries that are warmed on a schedule; undefined if there is none. */
    readonly file: string | undefined
    /** Whether the dashboards of all active tenants are warmed on a schedule. */
    readonly dashboards: boolean
  }
  /** Contents of the spans of OpenTelemetry, if a provider is registered. */
  readonly tracing: { readonly documents: boolean; readonly operationNames: boolean }
  readonly identity: {
    /** HS256 secrets that verify the access tokens of clients, newest first; empty if none is set. */
    readonly secrets: readonly string[]
    readonly jwksFile: string | undefined
    readonly jwksUrl: string | undefined
    readonly issuer: string
    readonly audience: string
    readonly leewayMs: number
  }
}

/** Error whose message lists every problem of the environment variables, one on each line. */
export class ConfigurationError extends Error {
  override readonly name = 'ConfigurationError'
}

/**
 * Reads the configuration from the environment variables.
 * @throws ConfigurationError with a line for each problem. The line names the variable and says what was expected or what to do. If the
 * value may be secret, the line does not contain the value.
 */
export function readConfig(env: Readonly<Record<string, string | undefined>>): Config {
  const problems: string[] = []
  const read = <Value>(name: VariableName): Value | undefined => {
    const variable: Variable = variables[name]
    const given = env[name] === '' ? undefined : env[name]
    const value = given ?? (variable.default?.includes(' ') ? undefined : variable.default)
    if (value === undefined) return undefined
    const result = variable.schema.safeParse(value)
    if (result.success) return result.data as Value
    const shown = /SECRET|_URL|POLICIES|_KEY/.test(name) ? '' : `, got ${JSON.stringify(value)}`
    problems.push(`${name}: expected ${variable.expected}${shown}.`)
    return undefined
  }
  const list = (name: VariableName) =>
    (read<string>(name) ?? '')
      .split(',')
      .map((item) => item.trim())
      .filter(Boolean)
  const production = read<string>('NODE_ENV') === 'production'
  const flag = (name: VariableName) => (read<string>(name) ?? (production ? 'off' : 'on')) === 'on'
  const secrets = (...names: VariableName[]) => names.map((name) => read<string>(name)).filter((value) => value !== undefined)
  const number = (name: VariableName) => read<number>(name) ?? 0
  const string = (name: VariableName) => read<string>(name) ?? ''

  const metricsPort = read<number>('METRICS_PORT')
  const redisUrl = read<string>('REDIS_URL')
  const config: Config = {
    production,
    server: {
      // An IPv6 address may be given in brackets, as in a URL.
      host: string('HOST').replace(/^\[(.*)\]$/, '$1'),
      port: number('PORT'),
      workers: number('WORKERS'),
      bodyLimitBytes: number('BODY_LIMIT_BYTES'),
      maxBatched: number('BATCH_LIMIT'),
      requestMemoryBytes: number('REQUEST_MEMORY_BYTES'),
      recogniseRequests: flag('RECOGNISE_REQUESTS'),
      requestTimeoutMs: number('REQUEST_TIMEOUT_MS'),
      drainMs: 1000 * (read<number>('DRAIN_SECONDS') ?? (production ? 5 : 0)),
      shutdownTimeoutMs: number('SHUTDOWN_TIMEOUT_MS'),
      trustedProxies: list('TRUSTED_PROXIES'),
      corsOrigins: list('CORS_ORIGINS'),
      landingPage: flag('LANDING_PAGE'),
      introspection: flag('INTROSPECTION'),
      trustedDocuments: { file: read<string>('TRUSTED_DOCUMENTS'), only: flag('TRUSTED_DOCUMENTS_ONLY') },
      metrics: flag('METRICS') && metricsPort === undefined,
      metricsByTenant: read<string>('METRICS_TENANTS') === 'on',
      metricsPort,
      rateLimits: { caller: number('RATE_LIMIT_CALLER'), tenant: number('RATE_LIMIT_TENANT') },
      live: readLive(number),
      logLevel: string('LOG_LEVEL'),
    },
    management: readManagement({ flag, number: read<number> }),
    market: readMarket({ read }),
    purging: readPurging({ read, list }, problems),
    limits: readLimits(number),
    database: {
      url: read<string>('DATABASE_URL'),
      poolSize: number('DATABASE_POOL_SIZE'),
      statementTimeoutMs: number('DATABASE_STATEMENT_TIMEOUT_MS'),
      embeddedFolder: string('EMBEDDED_DIR'),
    },
    redis:
      redisUrl === undefined
        ? undefined
        : {
            url: redisUrl,
            caFile: read<string>('REDIS_CA_FILE'),
            commandTimeoutMs: number('REDIS_COMMAND_TIMEOUT_MS'),
            prefix: string('REDIS_PREFIX'),
          },
    cache: {
      enabled: flag('CACHE'),
      memoryBytes: number('CACHE_MEMORY_BYTES'),
      tickMs: number('CACHE_TICK_MS'),
      stalenessBoundMs: number('CACHE_STALENESS_BOUND_MS'),
      keyVersion: string('CACHE_KEY_VERSION'),
      concurrentLoads: number('CACHE_CONCURRENT_LOADS'),
      shadowRate: number('CACHE_SHADOW_RATE'),
      dependencyCheckRate: number('CACHE_DEPENDENCY_CHECK_RATE'),
      historyDays: number('HISTORY_DAYS'),
      policies: read<Config['cache']['policies']>('CACHE_POLICIES') ?? {},
      debug: flag('CACHE_DEBUG'),
      secrets: secrets('CACHE_SECRET', 'CACHE_SECRET_PREVIOUS'),
    },
    warming: {
      enabled: flag('WARMING'),
      maxPerSecond: number('WARMING_MAX_RATE'),
      file: read<string>('WARM_FILE'),
      dashboards: (read<string>('WARM_DASHBOARDS') ?? (production ? 'on' : 'off')) === 'on',
    },
    tracing: { documents: read<string>('TRACE_DOCUMENTS') === 'on', operationNames: read<string>('TRACE_OPERATION_NAMES') === 'on' },
    identity: {
      secrets: secrets('JWT_SECRET', 'JWT_SECRET_PREVIOUS'),
      jwksFile: read<string>('JWKS_FILE'),
      jwksUrl: read<string>('JWKS_URL'),
      issuer: string('JWT_ISSUER'),
      audience: string('JWT_AUDIENCE'),
      leewayMs: number('JWT_LEEWAY_SECONDS') * 1000,
    },
  }
  if (problems.length === 0) problems.push(...contradictions(config))
  if (problems.length > 0) throw new ConfigurationError(problems.join('\n'))
  return deepFreeze(config)
}

/**
 * Memory that the execution of an operation takes for each value of its response, bytes. The measured memory is 0.5 to 0.8 KB, and most of
 * it is short-lived.
 */
const HEAP_BYTES_OF_VALUE = 1024
/** Memory for each byte of a response, bytes: the response is in memory as text and as bytes. */
const HEAP_BYTES_OF_RESPONSE_BYTE = 2

/** Pattern of publicly known secrets, such as common placeholders and the secrets in published files of this project. */
const WELL_KNOWN_SECRET = /^compose-only-|change-?me|your[-_ ]?secret/i

function contradictions({ production, server, limits, database, cache, identity, market }: Config): string[] {
  const problems: string[] = []
  const heapBytes = limits.maxCost * HEAP_BYTES_OF_VALUE + limits.maxResponseBytes * HEAP_BYTES_OF_RESPONSE_BYTE
  if (heapBytes > limits.maxOperationHeapBytes)
    problems.push(
      `MAX_OPERATION_HEAP_BYTES: an operation of MAX_COST and MAX_RESPONSE_BYTES may take ${heapBytes} bytes, and ${limits.maxOperationHeapBytes} are allowed: raise it, or lower one of them.`,
    )
  if (server.trustedDocuments.only && server.trustedDocuments.file === undefined)
    problems.push(
      'TRUSTED_DOCUMENTS_ONLY: expected a manifest of trusted documents, got none: set TRUSTED_DOCUMENTS to its file, or TRUSTED_DOCUMENTS_ONLY=off.',
    )
  const keys = [identity.secrets.length > 0, identity.jwksFile !== undefined, identity.jwksUrl !== undefined].filter(Boolean).length
  if (keys > 1) problems.push('JWT_SECRET, JWKS_FILE, JWKS_URL: expected one of them: set the one that verifies your tokens.')
  if (server.workers > 1 && !database.url)
    problems.push('WORKERS: more than one process needs a database they can share: set DATABASE_URL, or WORKERS=1.')
  const own = { CACHE_SECRET: cache.secrets, CALLER_HASH_KEY: market.callerHashKey === undefined ? [] : [market.callerHashKey] }
  if (production)
    for (const [name, values] of Object.entries({ ...own, JWT_SECRET: identity.secrets })) {
      if (values.length === 0 && name in own) problems.push(`${name}: needed in production: set it to at least 32 random characters.`)
      if (values.some((value) => WELL_KNOWN_SECRET.test(value)))
        problems.push(`${name}: expected a secret of your own, got one that was published: set it to at least 32 random characters.`)
    }
  if (production && keys === 0)
    problems.push('JWT_SECRET: needed in production (or JWKS_FILE or JWKS_URL): set the one that verifies your tokens.')
  if (production && !database.url)
    problems.push('DATABASE_URL: needed in production: set it to postgres://user:password@host:port/database.')
  return problems
}
