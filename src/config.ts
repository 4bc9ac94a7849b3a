import { z } from 'zod'

/** What an environment variable may say, for the program and for docs/configuration.md. */
interface Variable {
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

const variables = {
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
  BODY_LIMIT_BYTES: positive('bytes', '1048576', 'Largest request body.', 'Server'),
  REQUEST_TIMEOUT_MS: positive('ms', '30000', 'Longest time to receive a request.', 'Server'),
  SHUTDOWN_TIMEOUT_MS: positive('ms', '20000', 'Longest time that requests in flight get to finish after SIGTERM.', 'Server'),
  TRUSTED_PROXIES: text(
    'addresses or ranges, separated by commas',
    'Proxies whose X-Forwarded-* headers are believed. Default: none.',
    'Server',
  ),
  CORS_ORIGINS: text(
    'origins, separated by commas',
    'Pages elsewhere that may send requests.',
    'Server',
    'https://studio.apollographql.com',
  ),
  LANDING_PAGE: onOff('on in development, off in production', 'A page at / to explore the schema with.', 'Server'),
  INTROSPECTION: onOff('on in development, off in production', 'Whether the schema may be asked for.', 'Server'),
  METRICS: onOff('on', 'Figures for Prometheus at /metrics.', 'Server'),
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
    'Connections of a process, besides the one that follows the invalidation log.',
    'Database',
  ),
  DATABASE_STATEMENT_TIMEOUT_MS: positive('ms', '10000', 'Longest time of a statement.', 'Database'),
  EMBEDDED_DIR: text('a folder', 'Where the embedded database is kept.', 'Database', '.tidegate/database'),
  REDIS_URL: {
    group: 'Redis',
    schema: z.string().regex(/^rediss?(\+sentinel|\+cluster)?:\/\//),
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
  CACHE_TICK_MS: positive('ms', '75', 'Time between two looks at the invalidation log.', 'Cache'),
  CACHE_STALENESS_BOUND_MS: positive('ms', '1000', 'How far behind an answer without a consistency token may be.', 'Cache'),
  CACHE_KEY_VERSION: {
    group: 'Cache',
    schema: z.string().regex(/^[A-Za-z0-9._-]{1,32}$/),
    default: '1',
    expected: 'up to 32 letters, digits, ., - or _',
    meaning: 'Part of every key in Redis: another value starts with an empty cache.',
  },
  CACHE_CONCURRENT_LOADS: positive('loads', '32', 'Loads from the database that run at once in a process.', 'Cache'),
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
  JWKS_FILE: text('a JSON file', 'Public keys (RS256, EdDSA) in place of JWT_SECRET.', 'Identity'),
  JWKS_URL: {
    group: 'Identity',
    schema: z.url({ protocol: /^https?$/ }),
    expected: 'an http(s) address',
    meaning: 'Public keys (RS256, EdDSA) in place of JWT_SECRET.',
  },
  JWT_ISSUER: text('the iss claim', 'Who issues tokens.', 'Identity', 'tidegate'),
  JWT_AUDIENCE: text('the aud claim', 'Whom tokens are for.', 'Identity', 'tidegate'),
} as const satisfies Record<string, Variable>

type Name = keyof typeof variables

export interface Config {
  readonly production: boolean
  readonly server: {
    readonly host: string
    readonly port: number
    readonly workers: number
    readonly bodyLimitBytes: number
    readonly requestTimeoutMs: number
    readonly shutdownTimeoutMs: number
    readonly trustedProxies: readonly string[]
    readonly corsOrigins: readonly string[]
    readonly landingPage: boolean
    readonly introspection: boolean
    readonly metrics: boolean
    readonly logLevel: string
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
  const read = <Value>(name: Name): Value | undefined => {
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
  const list = (name: Name) =>
    (read<string>(name) ?? '')
      .split(',')
      .map((item) => item.trim())
      .filter(Boolean)
  const production = read<string>('NODE_ENV') === 'production'
  const flag = (name: Name) => (read<string>(name) ?? (production ? 'off' : 'on')) === 'on'
  const secrets = (...names: Name[]) => names.map((name) => read<string>(name)).filter((value) => value !== undefined)
  const number = (name: Name) => read<number>(name) ?? 0
  const string = (name: Name) => read<string>(name) ?? ''

  const redisUrl = read<string>('REDIS_URL')
  const config: Config = {
    production,
    server: {
      host: string('HOST'),
      port: number('PORT'),
      workers: number('WORKERS'),
      bodyLimitBytes: number('BODY_LIMIT_BYTES'),
      requestTimeoutMs: number('REQUEST_TIMEOUT_MS'),
      shutdownTimeoutMs: number('SHUTDOWN_TIMEOUT_MS'),
      trustedProxies: list('TRUSTED_PROXIES'),
      corsOrigins: list('CORS_ORIGINS'),
      landingPage: flag('LANDING_PAGE'),
      introspection: flag('INTROSPECTION'),
      metrics: flag('METRICS'),
      logLevel: string('LOG_LEVEL'),
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
    },
  }
  if (problems.length === 0) problems.push(...contradictions(config))
  if (problems.length > 0) throw new ConfigurationError(problems.join('\n'))
  return deepFreeze(config)
}

function contradictions({ production, server, database, cache, identity }: Config): string[] {
  const problems: string[] = []
  const keys = [identity.secrets.length > 0, identity.jwksFile !== undefined, identity.jwksUrl !== undefined].filter(Boolean).length
  if (keys > 1) problems.push('JWT_SECRET, JWKS_FILE, JWKS_URL: expected one of them: set the one that verifies your tokens.')
  if (server.workers > 1 && !database.url)
    problems.push('WORKERS: more than one process needs a database they can share: set DATABASE_URL, or WORKERS=1.')
  if (server.workers > 1 && cache.secrets.length === 0 && production)
    problems.push('CACHE_SECRET: needed in production: set it to at least 32 random characters.')
  else if (production && cache.secrets.length === 0)
    problems.push('CACHE_SECRET: needed in production: set it to at least 32 random characters.')
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

/** docs/configuration.md, from the table above. */
export function documentConfiguration(): string {
  const groups = Map.groupBy(Object.entries<Variable>(variables), ([, { group }]) => group)
  const sections = [...groups].map(([group, members]) => {
    const rows = members.map(
      ([name, { expected, meaning, default: fallback }]) =>
        `| \`${name}\` | ${expected} | ${fallback === undefined ? '' : `\`${fallback}\``} | ${meaning} |`,
    )
    return [`## ${group}`, '', '| variable | value | default | meaning |', '|---|---|---|---|', ...rows].join('\n')
  })
  return `# Configuration\n\nEnvironment variables. Generated by \`npm run docs:configuration\`.\n\n${sections.join('\n\n')}\n`
}
