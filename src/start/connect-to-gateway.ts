import { access } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { type Config, ConfigurationError, readConfig } from '../config/config.ts'
import { issueToken } from '../gateway/identity/issue-token.ts'
import { ApiClient, type ApiRequest } from '../operations/cli/api-client.ts'
import type { Arguments } from '../operations/cli/command.ts'
import { CommandFailure, EXIT, UsageFailure } from '../operations/cli/failure.ts'
import { SECRETS_FILE, withDevelopmentSecrets } from './development-secrets.ts'

type Environment = Readonly<Record<string, string | undefined>>

/** Maximum time for one call. A purge waits up to 10 s, and a warm-up up to 15 s. */
const TIMEOUT_MS = 30_000
const TOKEN_SECONDS = 300
/** Tenant of the sample data. The token of an OPERATOR names a tenant that exists, and is valid for all of them. */
const SAMPLE_TENANT = 'acme'
const SUBJECT = 'command-line'
const LOOPBACK = /^(localhost|127(\.\d+){3}|\[::1\])$/

/**
 * Connects to the management API that the options or the environment name. In development, the address is by default that of the gateway of
 * this configuration. Then a token is issued with its secret, but only for an address of this machine: a token must not be sent to another
 * one without being asked for.
 * @throws CommandFailure if no address or no token is known.
 */
export async function connectToGateway(options: Arguments, env: Environment): Promise<ApiClient> {
  const given = options.text('url') ?? env['TIDEGATE_URL']
  const token = options.text('token') ?? env['TIDEGATE_TOKEN']
  const config = given === undefined || token === undefined ? readConfiguration(env) : undefined
  const url = checkedUrl(given ?? localUrl(config))
  return new ApiClient({ url: url.href.replace(/\/$/, ''), token: token ?? (await developmentToken(url, config)), fetch: send })
}

function send(url: string, request: ApiRequest): Promise<Response> {
  // A redirect would send the token to another address.
  return fetch(url, { ...request, redirect: 'error', signal: AbortSignal.timeout(TIMEOUT_MS) })
}

function readConfiguration(env: Environment): Config | undefined {
  try {
    return readConfig(env)
  } catch (error) {
    if (error instanceof ConfigurationError) return undefined
    throw error
  }
}

function localUrl(config: Config | undefined): string {
  if (config === undefined || config.production)
    throw new CommandFailure(
      EXIT.unavailable,
      config === undefined
        ? 'The configuration has errors, so the gateway cannot be found by itself.'
        : 'No address of a gateway is known.',
      config === undefined
        ? 'Run tidegate doctor, or set --url or TIDEGATE_URL.'
        : 'Set --url or TIDEGATE_URL, such as http://127.0.0.1:9091.',
    )
  const { host, port } = config.server
  const name = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host
  return `http://${name.includes(':') ? `[${name}]` : name}:${config.management.port ?? port}`
}

function checkedUrl(text: string): URL {
  if (!URL.canParse(text) || !/^https?:$/.test(new URL(text).protocol))
    throw new UsageFailure(`--url: expected an address such as http://127.0.0.1:4000, got "${text}".`, 'Correct --url or TIDEGATE_URL.')
  const { origin, pathname } = new URL(text)
  return new URL(pathname, origin)
}

async function developmentToken({ hostname }: URL, config: Config | undefined): Promise<string> {
  const remedy = 'Set --token or TIDEGATE_TOKEN; npm run token -- --tenant acme --role OPERATOR prints one.'
  if (!config || config.production || !LOOPBACK.test(hostname))
    throw new CommandFailure(EXIT.unavailable, 'No access token is known.', remedy)
  const { secrets, jwksFile, jwksUrl, issuer, audience } = config.identity
  if (secrets.length === 0 && (jwksFile !== undefined || jwksUrl !== undefined))
    throw new CommandFailure(EXIT.unavailable, 'No access token is known, and the gateway verifies tokens with public keys.', remedy)
  if (secrets.length === 0 && !(await exists(join(dirname(config.database.embeddedFolder), SECRETS_FILE))))
    throw new CommandFailure(
      EXIT.unavailable,
      'No gateway was started in this folder yet.',
      'Start it with npm start, or set --url and --token.',
    )
  const { identity } = await withDevelopmentSecrets(config, { memory: false })
  const principal = { tenant: SAMPLE_TENANT, userId: SUBJECT, role: 'OPERATOR' } as const
  return issueToken({ secret: identity.secrets[0] ?? '', issuer, audience, principal, expiresInSeconds: TOKEN_SECONDS })
}

function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  )
}
