import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { Agent, request as httpRequest, type IncomingHttpHeaders } from 'node:http'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { issueToken } from '#src/gateway/identity/issue-token.ts'
import type { Principal, Role } from '#src/gateway/identity/principal.ts'
import type { EnvelopeReply } from './envelope-run.ts'
import type { SentEnvelope } from './envelope-shapes.ts'
import type { FloodedGateway } from './flood-run.ts'
import { TENANT } from './hostile-database.ts'
import { isErrorLine } from './judge.ts'
import { GET_HEADERS, type HostileRequest, JSON_HEADERS, textOf } from './request.ts'
import type { FoundQuestion, FoundReply } from './store-preload.ts'
import type { MeterCommand, MeterReply } from './turn-meter.ts'

const ROOT = join(import.meta.dirname, '../..')
const JWT_SECRET = 'the secret of hostile tests, which is long enough'
const CALLER_HASH_KEY = 'the caller hash key of hostile tests, long enough'
const CACHE_SECRET = 'the other secret of hostile tests, long enough'
const HEAP_MIB = 512
const ANSWER_DEADLINE_MS = 8000
const NO_ANSWER = `no answer within ${ANSWER_DEADLINE_MS / 1000} s`
/** Deadline for the start of the gateway, ms. It is generous, because other processes may use the machine. */
const START_DEADLINE_MS = 300_000

export interface GatewaySettings {
  readonly databaseUrl: string
  readonly env: Readonly<Record<string, string>>
  /** Additional options for Node, such as `--cpu-prof`. */
  readonly nodeOptions?: readonly string[]
}

/**
 * Settings of a gateway for a flood: its stores are observed, and no response of the other caller expires during the
 * flood.
 */
export const FLOODED: Required<Pick<GatewaySettings, 'env' | 'nodeOptions'>> = {
  env: { CACHE_POLICIES: '{"Campaign":{"l1":3600,"l2":7200},"Tenant":{"l1":3600,"l2":7200}}' },
  nodeOptions: ['--import', join(import.meta.dirname, 'store-preload.ts')],
}

/** Outcome of one request. */
export interface Outcome {
  /** Size of the request body or of the query string, bytes. */
  readonly bytes: number
  /** HTTP status; undefined if there was no response. */
  readonly status: number | undefined
  readonly text: string
  readonly worstTurnMs: number
  readonly heapGrowth: number
  /** Reason why there was no response. */
  readonly failure?: string
}

/** Runs the real program in production mode with a small heap, and measures the turns of its event loop. */
export class HostileGateway {
  readonly #child: ChildProcess
  readonly #url: URL
  readonly #agent = new Agent({ keepAlive: true })
  readonly #tokens = new Map<Role, string>()

  /** Lines that the program logged at the levels error and fatal. */
  readonly errorLines: readonly string[]

  private constructor(child: ChildProcess, url: URL, errorLines: readonly string[]) {
    this.#child = child
    this.#url = url
    this.errorLines = errorLines
  }

  static async start({ databaseUrl, env, nodeOptions = [] }: GatewaySettings): Promise<HostileGateway> {
    const meter = join(import.meta.dirname, 'turn-meter.ts')
    const options = [`--max-old-space-size=${HEAP_MIB}`, '--import', meter, ...nodeOptions]
    const child = spawn(process.execPath, [...options, join(ROOT, 'src/main.ts')], {
      cwd: ROOT,
      env: {
        PATH: process.env['PATH'],
        HOME: process.env['HOME'],
        NODE_ENV: 'production',
        PORT: '0',
        DATABASE_URL: databaseUrl,
        JWT_SECRET,
        CACHE_SECRET,
        CALLER_HASH_KEY,
        ...env,
      },
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    })
    const errorLines: string[] = []
    const url = await addressOf(child, errorLines)
    return new HostileGateway(child, new URL(url), errorLines)
  }

  get isAlive(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null
  }

  /** Sends a request, and measures the longest turn of the event loop and the growth of the heap meanwhile. @param round See `textOf`. */
  async measure(request: HostileRequest, round?: number): Promise<Outcome> {
    const text = textOf(request, round)
    const nothing = { bytes: Buffer.byteLength(text), status: undefined, text: '', worstTurnMs: Number.POSITIVE_INFINITY, heapGrowth: 0 }
    try {
      await this.#tell('begin')
      const { status, text: answer } = await this.#send(request, text)
      const { worstTurnMs, heapGrowth } = await this.#tell('end')
      return { ...nothing, status, text: answer, worstTurnMs, heapGrowth }
    } catch (error) {
      const failure = this.isAlive ? (error instanceof Error ? error.message : String(error)) : 'the process ended'
      await this.stop('SIGKILL')
      return { ...nothing, failure }
    }
  }

  /** Sends a request unchanged and without measuring it. */
  async sendEnvelope(sent: SentEnvelope): Promise<EnvelopeReply> {
    const { method, isAnonymous, headers, search, body } = sent
    const authorization = isAnonymous ? {} : { authorization: `Bearer ${await this.#tokenFor('ADMIN')}` }
    const path = search === '' ? '/graphql' : `/graphql?${search}`
    const length = method === 'POST' ? { 'content-length': body.byteLength } : {}
    const options = { host: this.#url.hostname, port: this.#url.port, method, path, agent: this.#agent }
    return new Promise((resolve, reject) => {
      const sending = httpRequest({ ...options, headers: { ...headers, ...length, ...authorization } }, (response) => {
        const chunks: Buffer[] = []
        response.on('data', (chunk: Buffer) => chunks.push(chunk))
        response.on('error', reject)
        response.on('end', () => {
          const contentType = response.headers['content-type'] ?? ''
          resolve({ status: response.statusCode ?? 0, contentType, text: Buffer.concat(chunks).toString() })
        })
      })
      // The server may close an idle connection just when it is reused. Like other clients, send such a request once
      // more.
      sending.on('error', (error: NodeJS.ErrnoException) => {
        if (sending.reusedSocket && error.code === 'ECONNRESET') resolve(this.sendEnvelope(sent))
        else reject(error)
      })
      sending.end(method === 'POST' ? body : undefined)
    })
  }

  /** Returns this gateway as the target of a flood. The gateway must have been started with the settings {@link FLOODED}. */
  flooded(): FloodedGateway {
    return {
      tokenOf: (userId) => issue({ tenant: TENANT, userId, role: 'ADMIN' }),
      ask: async (token, envelope) => {
        const { status, headers } = await this.#post(token, JSON.stringify(envelope))
        return { status, isHit: headers['x-cache'] === 'HIT' }
      },
      rss: async () => {
        const status = await readFile(`/proc/${this.#child.pid}/status`, 'utf8')
        return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]) * 1024
      },
      found: async () => {
        const answered = once(this.#child, 'message')
        this.#child.send({ stores: 'found' } satisfies FoundQuestion)
        const [{ found }] = (await answered) as [FoundReply]
        return found
      },
    }
  }

  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    this.#agent.destroy()
    if (!this.isAlive) return
    const exited = once(this.#child, 'exit')
    this.#child.kill(signal)
    await exited
  }

  async #tell(meter: MeterCommand['meter']): Promise<MeterReply> {
    const { promise, resolve, reject } = Promise.withResolvers<MeterReply>()
    const onMessage = (reply: MeterReply) => resolve(reply)
    const onExit = () => reject(new Error('the process ended'))
    const deadline = setTimeout(() => reject(new Error(NO_ANSWER)), ANSWER_DEADLINE_MS)
    this.#child.once('message', onMessage).once('exit', onExit)
    this.#child.send({ meter } satisfies MeterCommand)
    return promise.finally(() => {
      clearTimeout(deadline)
      this.#child.off('message', onMessage).off('exit', onExit)
    })
  }

  async #send({ caller, method, headers }: HostileRequest, text: string): Promise<{ status: number; text: string }> {
    const authorization = caller === 'nobody' ? {} : { authorization: `Bearer ${await this.#tokenFor(caller)}` }
    const isPost = method === 'POST'
    const usual = headers ?? (isPost ? JSON_HEADERS : GET_HEADERS)
    const length = isPost ? { 'content-length': Buffer.byteLength(text) } : {}
    return new Promise((resolve, reject) => {
      const sending = httpRequest(
        {
          host: this.#url.hostname,
          port: this.#url.port,
          method,
          path: isPost ? '/graphql' : `/graphql?${text}`,
          headers: { accept: 'application/json', ...usual, ...length, ...authorization },
          agent: this.#agent,
          signal: AbortSignal.timeout(ANSWER_DEADLINE_MS),
        },
        (response) => {
          const chunks: Buffer[] = []
          response.on('data', (chunk: Buffer) => chunks.push(chunk))
          response.on('error', reject)
          response.on('end', () => resolve({ status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString() }))
        },
      )
      sending.on('error', (error) => reject(error.name === 'AbortError' ? new Error(NO_ANSWER) : error))
      sending.end(isPost ? text : undefined)
    })
  }

  async #post(token: string, text: string): Promise<{ status: number; headers: IncomingHttpHeaders }> {
    const length = { 'content-length': Buffer.byteLength(text) }
    const headers = { accept: 'application/json', ...JSON_HEADERS, ...length, authorization: `Bearer ${token}` }
    const options = { host: this.#url.hostname, port: this.#url.port, method: 'POST', path: '/graphql', agent: this.#agent, headers }
    return new Promise((resolve, reject) => {
      const sending = httpRequest(options, (response) => {
        response.on('error', reject)
        response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers }))
        response.resume()
      })
      sending.on('error', reject)
      sending.end(text)
    })
  }

  async #tokenFor(role: Role): Promise<string> {
    const known = this.#tokens.get(role)
    if (known !== undefined) return known
    const token = await issue({ tenant: TENANT, userId: '1', role })
    this.#tokens.set(role, token)
    return token
  }
}

function issue(principal: Principal): Promise<string> {
  return issueToken({ secret: JWT_SECRET, issuer: 'tidegate', audience: 'tidegate', principal, expiresInSeconds: 24 * 3600 })
}

/** Resolves with the address that the program logs. Rejects with the program's output if it exits first. */
async function addressOf(child: ChildProcess, errorLines: string[]): Promise<string> {
  const output: string[] = []
  const { promise, resolve, reject } = Promise.withResolvers<string>()
  const { stdout, stderr } = child
  if (!stdout || !stderr) throw new TypeError('The program was started without pipes.')
  for (const stream of [stdout, stderr])
    createInterface({ input: stream }).on('line', (line) => {
      if (output.length < 100) output.push(line)
      if (isErrorLine(line) && errorLines.length < 100) errorLines.push(line)
      const url = /"url":"([^"]+)".*"msg":"ready"/.exec(line)?.[1]
      if (url !== undefined) resolve(url)
    })
  child.once('exit', (code) => reject(new Error(`The gateway ended with ${code}:\n${output.join('\n')}`)))
  const deadline = setTimeout(() => {
    child.kill('SIGKILL')
    reject(new Error(`The gateway did not start within ${START_DEADLINE_MS / 1000} s.`))
  }, START_DEADLINE_MS)
  return promise.finally(() => clearTimeout(deadline))
}
