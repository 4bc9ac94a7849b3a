import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { extname, join } from 'node:path'
import { promisify } from 'node:util'

const ROOT = join(import.meta.dirname, '../../..')
const TYPES: Readonly<Record<string, string>> = { '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css' }

const FULL = JSON.stringify({ errors: [{ message: 'Too many streams are open.', extensions: { code: 'OVERLOADED' } }] })

/** A request of the page, as it is passed on to a gateway. */
interface Passed {
  readonly method: string
  readonly token: string | undefined
  readonly status: number
}

export interface PageServer {
  readonly url: string
  /** Requests that were answered, in the order of their answers. */
  readonly passed: readonly Passed[]
  /** Whether the proxy takes consistency tokens away, as one that is set up wrongly does. */
  losesTokens: boolean
  /** Treatment of the streams of live queries, open ones included: `cut` closes the connection, `full` answers as a gateway with too many. */
  streams: 'pass' | 'cut' | 'full'
  close(): void
}

export interface PageServerOptions {
  /** Folder that the example was built into. */
  readonly folder: string
  /** Address of the gateway that gets the mutations. */
  readonly writes: string
  /** Address of the gateway that gets the queries. */
  readonly reads: string
}

/** Builds the example by the command of its README. */
export async function buildFrontEnd(folder: string): Promise<void> {
  const args = ['vite', 'build', 'examples/front-end', '--outDir', folder, '--emptyOutDir', '--logLevel', 'warn']
  // Vite would build for tests if it got the environment of this process.
  await promisify(execFile)('npx', args, { cwd: ROOT, env: { PATH: process.env['PATH'], HOME: process.env['HOME'] } })
}

/** Serves the built page, and passes its requests on: each query goes to an instance that did not execute the mutations. */
export async function servePage({ folder, writes, reads }: PageServerOptions): Promise<PageServer> {
  const passed: Passed[] = []
  const state: Pick<PageServer, 'losesTokens' | 'streams'> = { losesTokens: false, streams: 'pass' }
  const streams = new Set<ServerResponse>()
  const pass = (incoming: IncomingMessage, response: ServerResponse) => {
    const { method = 'GET', url = '/', headers } = incoming
    if (headers.accept === 'text/event-stream') {
      if (state.streams === 'cut') return response.destroy()
      if (state.streams === 'full') return response.writeHead(503, { 'content-type': 'application/json' }).end(FULL)
      streams.add(response.on('close', () => streams.delete(response)))
    }
    const { 'consistency-token': sent, cookie: _, ...others } = headers
    const token = state.losesTokens ? undefined : String(sent ?? '') || undefined
    // A GET is a query. A POST that names no mutation is a query whose hash the gateway did not know.
    const chunks: Buffer[] = []
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk))
    incoming.on('end', () => {
      const body = Buffer.concat(chunks)
      const target = new URL(url, body.includes('"query":"mutation') || isHashOfMutation(body) ? writes : reads)
      const outgoing = request(
        target,
        { method, headers: { ...others, host: target.host, ...(token === undefined ? {} : { 'consistency-token': token }) } },
        (answer) => {
          response.writeHead(answer.statusCode ?? 502, answer.headers)
          answer.pipe(response).on('finish', () => passed.push({ method, token, status: answer.statusCode ?? 502 }))
        },
      )
      outgoing.on('error', () => (response.headersSent ? response.destroy() : response.writeHead(502).end()))
      response.on('close', () => outgoing.destroy())
      outgoing.end(body)
    })
  }
  const server = createServer((incoming, response) => {
    if (incoming.url?.startsWith('/graphql')) return pass(incoming, response)
    const file = incoming.url === '/' ? 'index.html' : (incoming.url ?? '').slice(1)
    readFile(join(folder, file)).then(
      (content) => response.writeHead(200, { 'content-type': TYPES[extname(file)] ?? 'application/octet-stream' }).end(content),
      () => response.writeHead(404).end(),
    )
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    passed,
    get losesTokens() {
      return state.losesTokens
    },
    set losesTokens(loses) {
      state.losesTokens = loses
    },
    get streams() {
      return state.streams
    },
    set streams(mode) {
      state.streams = mode
      if (mode !== 'pass') for (const stream of streams) stream.destroy()
    },
    close: () => {
      server.close()
      server.closeAllConnections()
    },
  }
}

/** Mutations are sent by POST with their hash alone at first, queries by GET. */
function isHashOfMutation(body: Buffer): boolean {
  return body.length > 0 && !body.includes('"query":')
}
