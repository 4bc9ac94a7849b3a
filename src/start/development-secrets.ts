import { createHmac, randomBytes, randomUUID } from 'node:crypto'
import { link, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Config } from '../config/config.ts'
import { GatewayError } from '../errors.ts'

/** File with the generated secrets, beside the folder of the embedded database. */
export const SECRETS_FILE = 'development-secrets.json'

interface Secrets {
  readonly cache: string
  readonly identity: string
  /** Key of the hashes of callers. */
  readonly callers: string
}

/**
 * Returns the configuration with its missing secrets filled in. In development, missing secrets are generated once and stored beside the
 * embedded database, so that tokens stay valid after a restart. In production no secret is missing, because readConfig refuses a
 * configuration without secrets.
 * @throws GatewayError CONFIGURATION if the file with the stored secrets contains something else.
 * @param options.memory True to store nothing on disk. The generated secrets then last as long as the process.
 */
export async function withDevelopmentSecrets(config: Config, { memory }: { readonly memory: boolean }): Promise<Config> {
  const { cache, identity, market } = config
  const hasKeys = identity.secrets.length > 0 || identity.jwksFile !== undefined || identity.jwksUrl !== undefined
  if (cache.secrets.length > 0 && hasKeys && market.callerHashKey !== undefined) return config
  const drawn = memory ? draw() : await readOrDraw(join(dirname(config.database.embeddedFolder), SECRETS_FILE))
  return {
    ...config,
    cache: cache.secrets.length > 0 ? cache : { ...cache, secrets: [drawn.cache] },
    market: { ...market, callerHashKey: market.callerHashKey ?? drawn.callers },
    identity: hasKeys ? identity : { ...identity, secrets: [drawn.identity] },
  }
}

function draw(): Secrets {
  const drawOne = () => randomBytes(32).toString('base64url')
  return { cache: drawOne(), identity: drawOne(), callers: drawOne() }
}

async function readOrDraw(file: string): Promise<Secrets> {
  const drawn = draw()
  await mkdir(dirname(file), { recursive: true })
  // The file gets its name only when it is complete, because the process may end at any time: a stop signal does not wait for a write.
  const unnamed = `${file}.${randomUUID()}`
  try {
    await writeFile(unnamed, `${JSON.stringify(drawn)}\n`, { flag: 'wx', mode: 0o600 })
    await link(unnamed, file)
    return drawn
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
    return secretsIn(file, await readFile(file, 'utf8'))
  } finally {
    await rm(unnamed, { force: true })
  }
}

function secretsIn(file: string, text: string): Secrets {
  const parsed = parse(text)
  if (typeof parsed?.cache === 'string' && typeof parsed.identity === 'string') {
    const { cache, identity, callers = createHmac('sha256', cache).update('callers').digest('base64url') } = parsed
    // The file of an older version has no key for callers. It is derived, so that processes that start together get the same one.
    if (typeof callers === 'string') return { cache, identity, callers }
  }
  throw new GatewayError(
    'CONFIGURATION',
    `${file} should contain three secrets as JSON, and contains ${text.length} other characters: delete the file, so that the next start draws new secrets.`,
  )
}

function parse(text: string): Partial<Record<keyof Secrets, unknown>> | null {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
