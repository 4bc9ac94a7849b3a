import { randomBytes } from 'node:crypto'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Config } from '../config/config.ts'

interface Secrets {
  readonly cache: string
  readonly identity: string
}

/**
 * Returns the configuration with its missing secrets filled in. In development, missing secrets are generated once and stored beside the
 * embedded database, so that tokens stay valid after a restart. In production no secret is missing, because readConfig refuses a
 * configuration without secrets.
 * @param options.memory True to store nothing on disk. The generated secrets then last as long as the process.
 */
export async function withDevelopmentSecrets(config: Config, { memory }: { readonly memory: boolean }): Promise<Config> {
  const { cache, identity } = config
  const hasKeys = identity.secrets.length > 0 || identity.jwksFile !== undefined || identity.jwksUrl !== undefined
  if (cache.secrets.length > 0 && hasKeys) return config
  const drawn = memory ? draw() : await readOrDraw(join(dirname(config.database.embeddedFolder), 'development-secrets.json'))
  return {
    ...config,
    cache: cache.secrets.length > 0 ? cache : { ...cache, secrets: [drawn.cache] },
    identity: hasKeys ? identity : { ...identity, secrets: [drawn.identity] },
  }
}

function draw(): Secrets {
  return { cache: randomBytes(32).toString('base64url'), identity: randomBytes(32).toString('base64url') }
}

async function readOrDraw(file: string): Promise<Secrets> {
  const drawn = draw()
  await mkdir(dirname(file), { recursive: true })
  try {
    await writeFile(file, `${JSON.stringify(drawn)}\n`, { flag: 'wx', mode: 0o600 })
    return drawn
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
    return JSON.parse(await readFile(file, 'utf8'))
  }
}
