import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { issueToken } from '#src/gateway/identity/issue-token.ts'
import type { Principal } from '#src/gateway/identity/principal.ts'
import { compileCache } from '../servers/compile-cache.ts'
import { recognition } from '../servers/recognition.ts'

const root = join(import.meta.dirname, '../..')
export const JWT_SECRET = 'end-to-end-jwt-secret-of-enough-length'
/** Secret with which the gateway hashes callers. */
export const CALLER_HASH_KEY = 'end-to-end-caller-hash-key-of-enough-length'
const CACHE_SECRET = 'end-to-end-cache-secret-of-enough-length'

export interface Answer {
  readonly status: number
  readonly headers: Headers
  // biome-ignore lint/suspicious/noExplicitAny: an answer has the shape of its query
  readonly data: Readonly<Record<string, any>> | null | undefined
  readonly errors:
    | readonly { readonly message: string; readonly path?: readonly (string | number)[]; readonly extensions: { readonly code: string } }[]
    | undefined
  readonly extensions: Readonly<Record<string, unknown>> | undefined
  readonly token: string | null
}

export interface AskOptions {
  readonly variables?: Readonly<Record<string, unknown>>
  /** null for an anonymous request. Default: an administrator of the tenant acme. */
  readonly principal?: Principal | null
  /** The claim `jti` of the access token. Default: a random one. */
  readonly tokenId?: string
  readonly consistencyToken?: string
  readonly headers?: Readonly<Record<string, string>>
}

export interface Gateway {
  readonly url: string
  readonly process: ChildProcess
  /** All lines that the process printed. */
  readonly output: string[]
  ask(query: string, options?: AskOptions): Promise<Answer>
  /** Stops the process with a signal. Resolves with its exit code. */
  stop(signal?: NodeJS.Signals): Promise<number | null>
}

export const admin: Principal = { tenant: 'acme', userId: '1', role: 'ADMIN' }

export async function tokenFor(principal: Principal, tokenId?: string): Promise<string> {
  const named = tokenId === undefined ? {} : { tokenId }
  return issueToken({ secret: JWT_SECRET, issuer: 'tidegate', audience: 'tidegate', principal, expiresInSeconds: 3600, ...named })
}

export interface Started {
  readonly process: ChildProcess
  readonly output: string[]
  /** Resolves with the address when the process prints it. Rejects with the output if the process ends first. */
  readonly ready: Promise<string>
  readonly exited: Promise<number | null>
  readonly folder: string
}

/**
 * Starts the gateway as an operator would. The process gets only PATH from the environment of the tests.
 * @param release Folder of the program; by default this checkout.
 */
export async function start(env: Readonly<Record<string, string>>, args: readonly string[] = [], release = root): Promise<Started> {
  const folder = await mkdtemp(join(tmpdir(), 'tidegate-e2e-'))
  const child = spawn(process.execPath, [join(release, 'src/main.ts'), ...args], {
    cwd: release,
    env: {
      PATH: process.env['PATH'],
      HOME: process.env['HOME'],
      ...compileCache,
      PORT: '0',
      EMBEDDED_DIR: join(folder, 'database'),
      JWT_SECRET,
      CACHE_SECRET,
      CALLER_HASH_KEY,
      RECOGNISE_REQUESTS: recognition,
      // A comparison reads from the database at a random moment, which tests that count statements would see.
      CACHE_SHADOW_RATE: '0',
      ...env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const output: string[] = []
  const exited = once(child, 'exit').then(async ([code]) => {
    await rm(folder, { recursive: true, force: true })
    return code as number | null
  })
  const ready = new Promise<string>((resolve, reject) => {
    createInterface({ input: child.stderr }).on('line', (line) => output.push(line))
    createInterface({ input: child.stdout }).on('line', (line) => {
      output.push(line)
      const url = /"url":"([^"]+)".*"msg":"ready"/.exec(line)?.[1]
      if (url !== undefined) resolve(url)
    })
    void exited.then((code) => reject(new Error(`The gateway ended with ${code}:\n${output.join('\n')}`)))
  })
  ready.catch(() => undefined)
  return { process: child, output, ready, exited, folder }
}

export async function startGateway(env: Readonly<Record<string, string>>, release?: string): Promise<Gateway> {
  const started = await start(env, [], release)
  const url = await started.ready
  return {
    url,
    process: started.process,
    output: started.output,
    ask: (query, options) => ask(url, query, options),
    stop: async (signal = 'SIGTERM') => {
      started.process.kill(signal)
      return started.exited
    },
  }
}

export async function ask(url: string, query: string, options: AskOptions = {}): Promise<Answer> {
  const principal = options.principal === undefined ? admin : options.principal
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      ...(principal ? { authorization: `Bearer ${await tokenFor(principal, options.tokenId)}` } : {}),
      ...(options.consistencyToken === undefined ? {} : { 'consistency-token': options.consistencyToken }),
      ...options.headers,
    },
    body: JSON.stringify({ query, variables: options.variables ?? {} }),
  })
  const { data, errors, extensions } = (await response.json()) as Pick<Answer, 'data' | 'errors' | 'extensions'>
  return { status: response.status, headers: response.headers, data, errors, extensions, token: response.headers.get('consistency-token') }
}
