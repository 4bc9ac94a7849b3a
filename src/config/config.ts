import { type Variable, type VariableName, variables } from './variables.ts'

export interface Config {
  readonly production: boolean
  readonly server: {
    readonly host: string
    readonly port: number
    readonly workers: number
    readonly bodyLimitBytes: number
    /** Operations in one HTTP request; 0: no lists of operations. */
    readonly mostBatched: number
    /** What is kept of requests in a process. */
    readonly requestMemoryBytes: number
    readonly requestTimeoutMs: number
    /** How long requests are still accepted after SIGTERM. */
    readonly drainMs: number
    readonly shutdownTimeoutMs: number
    readonly trustedProxies: readonly string[]
    readonly corsOrigins: readonly string[]
    readonly landingPage: boolean
    readonly introspection: boolean
    readonly trustedDocuments: {
      /** The manifest; undefined for none. */
      readonly file: string | undefined
      /** Whether every other document is refused. */
      readonly only: boolean
    }
    /** Whether /metrics is served at the public port. */
    readonly metrics: boolean
    /** Another port for /metrics; undefined for none. */
    readonly metricsPort: number | undefined
    /** Requests a minute; 0: no limit. */
    readonly rateLimits: { readonly caller: number; readonly tenant: number }
    readonly logLevel: string
  }
  /** Bounds of one request; each is explained in docs/configuration.md. */
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
    /** undefined: the embedded one. */
    readonly url: string | undefined
    readonly poolSize: number
    readonly statementTimeoutMs: number
    readonly embeddedFolder: string
  }
  /** undefined: no shared tier. */
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
    readonly probeRate: number
    readonly dependencyCheckRate: number
    readonly measureReloads: boolean
    readonly policies: Readonly<Record<string, Readonly<Record<string, number>>>>
    readonly debug: boolean
    /** Newest first; empty where none is given: development draws one. */
    readonly secrets: readonly string[]
  }
  readonly identity: {
    /** Newest first; empty where none is given. */
    readonly secrets: readonly string[]
    readonly jwksFile: string | undefined
    readonly jwksUrl: string | undefined
    readonly issuer: string
    readonly audience: string
    readonly leewayMs: number
  }
}

/** Every problem with the environment, a line each. */
export class ConfigurationError extends Error {
  override readonly name = 'ConfigurationError'
}

/**
 * Reads the variables.
 * @throws ConfigurationError with a line for each variable that is wrong or missing: its name, what was expected, what to do.
 *   Values are not repeated where they may be secret.
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
    const shown = /SECRET|_URL|POLICIES/.test(name) ? '' : `, got ${JSON.stringify(value)}`
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
      // As it stands in an address, an IPv6 one has brackets.
      host: string('HOST').replace(/^\[(.*)\]$/, '$1'),
      port: number('PORT'),
      workers: number('WORKERS'),
      bodyLimitBytes: number('BODY_LIMIT_BYTES'),
      mostBatched: number('BATCH_LIMIT'),
      requestMemoryBytes: number('REQUEST_MEMORY_BYTES'),
      requestTimeoutMs: number('REQUEST_TIMEOUT_MS'),
      drainMs: 1000 * (read<number>('DRAIN_SECONDS') ?? (production ? 5 : 0)),
      shutdownTimeoutMs: number('SHUTDOWN_TIMEOUT_MS'),
      trustedProxies: list('TRUSTED_PROXIES'),
      corsOrigins: list('CORS_ORIGINS'),
      landingPage: flag('LANDING_PAGE'),
      introspection: flag('INTROSPECTION'),
      trustedDocuments: { file: read<string>('TRUSTED_DOCUMENTS'), only: flag('TRUSTED_DOCUMENTS_ONLY') },
      metrics: flag('METRICS') && metricsPort === undefined,
      metricsPort,
      rateLimits: { caller: number('RATE_LIMIT_CALLER'), tenant: number('RATE_LIMIT_TENANT') },
      logLevel: string('LOG_LEVEL'),
    },
    limits: {
      maxVariableValues: number('MAX_VARIABLE_VALUES'),
      maxObjectKeys: number('MAX_OBJECT_KEYS'),
      maxListLength: number('MAX_LIST_LENGTH'),
      maxInputDepth: number('MAX_INPUT_DEPTH'),
      maxTextLength: number('MAX_TEXT_LENGTH'),
      maxDocumentBytes: number('MAX_DOCUMENT_BYTES'),
      maxTokens: number('MAX_TOKENS'),
      maxDefinitions: number('MAX_DEFINITIONS'),
      maxDepth: number('MAX_DEPTH'),
      maxAliases: number('MAX_ALIASES'),
      maxRootFields: number('MAX_ROOT_FIELDS'),
      maxDirectives: number('MAX_DIRECTIVES'),
      maxSelections: number('MAX_SELECTIONS'),
      maxRepeats: number('MAX_REPEATS'),
      validationTimeoutMs: number('VALIDATION_TIMEOUT_MS'),
      maxCost: number('MAX_COST'),
      maxConcurrentCost: number('MAX_CONCURRENT_COST'),
      maxResponseBytes: number('MAX_RESPONSE_BYTES'),
      executionTimeoutMs: number('EXECUTION_TIMEOUT_MS'),
      maxOperationHeapBytes: number('MAX_OPERATION_HEAP_BYTES'),
    },
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
      probeRate: number('CACHE_PROBE_RATE'),
      dependencyCheckRate: number('CACHE_DEPENDENCY_CHECK_RATE'),
      measureReloads: read<string>('CACHE_MEASURE_RELOADS') === 'on',
      policies: read<Config['cache']['policies']>('CACHE_POLICIES') ?? {},
      debug: flag('CACHE_DEBUG'),
      secrets: secrets('CACHE_SECRET', 'CACHE_SECRET_PREVIOUS'),
    },
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

/** An operation takes about so much memory for each value of its answer, most of it before it is collected (measured: 0.5 to 0.8 KB). */
const HEAP_BYTES_OF_VALUE = 1024
/** The answer as text and as bytes. */
const HEAP_BYTES_OF_RESPONSE_BYTE = 2

/** Secrets that a file of this project published, and usual words of examples. */
const WELL_KNOWN_SECRET = /^compose-only-|change-?me|your[-_ ]?secret/i

function contradictions({ production, server, limits, database, cache, identity }: Config): string[] {
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
  if (production && cache.secrets.length === 0)
    problems.push('CACHE_SECRET: needed in production: set it to at least 32 random characters.')
  if (production)
    for (const [name, values] of [
      ['CACHE_SECRET', cache.secrets],
      ['JWT_SECRET', identity.secrets],
    ] as const)
      if (values.some((value) => WELL_KNOWN_SECRET.test(value)))
        problems.push(`${name}: expected a secret of your own, got one that was published: set it to at least 32 random characters.`)
  if (production && keys === 0)
    problems.push('JWT_SECRET: needed in production (or JWKS_FILE or JWKS_URL): set the one that verifies your tokens.')
  if (production && !database.url)
    problems.push('DATABASE_URL: needed in production: set it to postgres://user:password@host:port/database.')
  return problems
}

function deepFreeze<Value>(value: Value): Value {
  if (typeof value === 'object' && value !== null) for (const part of Object.values(value)) deepFreeze(part)
  return Object.freeze(value)
}
