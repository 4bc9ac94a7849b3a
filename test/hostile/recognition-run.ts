import { once } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { connect } from 'node:net'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { systemEnv } from '#src/engine/cache/model/env.ts'
import { Random } from '#src/market/seed/random.ts'
import { viewer } from '../graphql/tiny-gateway.ts'
import { TinyStore } from '../graphql/tiny-module.ts'
import { bearer, startTinyServer, type TinyServerOptions } from '../threats/tiny-server.ts'
import { byteStream, type SentChunk } from './byte-streams.ts'

export interface RecognitionRunOptions {
  /** Number of requests, as node:http counts them without recognition, after which the run ends. */
  readonly requests: number
  readonly seed: string
  readonly onProgress?: (tally: RecognitionTally) => void
}

export interface RecognitionTally {
  connections: number
  /** Chunks that begin a request or continue it. */
  chunks: number
  requests: number
  /** Requests that were recognised by their bytes. */
  recognised: number
  /** Connections on which the bytes differed by chance, see `isChance`. */
  chances: number
  /** Descriptions of the connections on which the two servers sent different bytes. */
  readonly findings: string[]
}

/** Probability that a note is changed before a connection is opened, which invalidates some of the responses. */
const WRITES = 0.02
const MAX_FINDINGS = 5
const CRLF = '\r\n'
/** Known requests are sent so often before the run that both servers can answer them from memory. */
const REPEATS = 4
/** Number of times that chunks are sent again to find out whether a difference is chance. */
const CHANCES = 20

type TinyServer = Awaited<ReturnType<typeof startTinyServer>>

/** Sends the same bytes to a server with recognition and to a server without, and compares every byte that they send. */
export async function runRecognition({ requests, seed, onProgress }: RecognitionRunOptions): Promise<RecognitionTally> {
  const recognised = { count: 0 }
  const tokens = await tokensOf()
  // Not before the tokens were issued.
  const startedAt = Date.now()
  await using server = await startServer(startedAt, { isOn: true, memoryBytes: 8 * 2 ** 20, onRecognised: () => recognised.count++ })
  await using plain = await startServer(startedAt, { isOn: false })
  await using listened = await startServer(startedAt, { isOn: false })
  listened.http.on('connection', (socket) => void socket.on('data', () => undefined))
  const servers = [server, plain, listened]
  const watch = servers.map(watchRequests)
  const known = knownRequests(tokens)
  for (let time = 0; time < REPEATS; time++)
    for (const request of known) for (const each of servers) await converse(each, [{ bytes: Buffer.from(request, 'latin1'), waits: true }])
  const tally: RecognitionTally = { connections: 0, chunks: 0, requests: 0, recognised: 0, chances: 0, findings: [] }
  const begun = watch[1]?.count ?? 0
  let version = 0
  /** Chunks that were sent on each connection since the last write. */
  let sinceWrite: (readonly SentChunk[])[] = []
  while (tally.requests < requests && tally.findings.length < MAX_FINDINGS) {
    const random = new Random(`${seed} ${tally.connections++}`)
    const chunks = byteStream(random, known)
    if (random.chance(WRITES)) {
      version = tally.connections
      sinceWrite = []
      await writeNote(servers, tokens.editor, version)
    }
    const [received, expected] = await Promise.all([converse(server, chunks), converse(plain, chunks)])
    const isEqual = received === expected
    const invalidate = async () => void (version > 0 && (await writeNote(servers, tokens.editor, version)))
    const restore = async () => {
      await invalidate()
      for (const earlier of sinceWrite) for (const each of [plain, listened]) await converse(each, earlier)
    }
    if (!isEqual && (await isChance([plain, listened], chunks, received, restore))) {
      tally.chances++
      // What the servers cached may differ now, and would make later responses differ.
      await invalidate()
      sinceWrite = []
    } else if (!isEqual) tally.findings.push(describeFinding(`${seed} ${tally.connections - 1}`, chunks, received, expected))
    sinceWrite.push(chunks)
    tally.chunks += chunks.length
    tally.requests = (watch[1]?.count ?? 0) - begun
    tally.recognised = recognised.count
    onProgress?.(tally)
  }
  return tally
}

/**
 * Starts a server whose clocks stand still. If they ran, an entry would expire, or a token would have to be verified again, between the same
 * request to one server and to the other.
 */
async function startServer(startedAt: number, recognition: NonNullable<TinyServerOptions['recognition']>): Promise<TinyServer> {
  const now = () => startedAt
  const monotonic = () => 0
  const store = new TinyStore()
  for (const id of [1, 2, 3]) store.put({ id, tenantId: 't1', folder: 'inbox', text: `note ${id} `.repeat(100 * id) })
  store.written = []
  return startTinyServer({ gateway: { store, env: { ...systemEnv, now, monotonic } }, authentication: { now }, recognition })
}

/**
 * Returns whether a server without recognition sends these bytes, too, when it gets the same chunks again. If a client does not wait, it is
 * chance what arrives first: its next bytes, which may be malformed, or the result of an asynchronous step. One of the servers has a further
 * listener on its connections: then node:http begins all requests of a chunk before any of them goes on, with and without recognition.
 * @param restore Makes the servers cache what they cached before the first time.
 */
async function isChance(
  plain: readonly TinyServer[],
  chunks: readonly SentChunk[],
  received: string,
  restore: () => Promise<void>,
): Promise<boolean> {
  for (let time = 0; time < CHANCES; time++) {
    if (time % 2 > 0) await restore()
    for (const each of plain) if ((await converse(each, chunks)) === received) return true
  }
  return false
}

interface Tokens {
  readonly editor: string
  readonly other: string
}

async function tokensOf(): Promise<Tokens> {
  return { editor: await bearer(viewer('t1', 'EDITOR')), other: await bearer(viewer('t2', 'VIEWER', 'u2')) }
}

function knownRequests({ editor, other }: Tokens): string[] {
  const queries = [
    '{ words { nodes { name letters } } }',
    '{ notes(folder: "inbox") { nodes { id text } } }',
    '{ note(id: 2) { text } }',
    '{ greeting }',
  ]
  const requests: string[] = []
  for (const authorization of [editor, other, undefined]) {
    const fields = ['Host: tidegate.test', ...(authorization ? [`Authorization: ${authorization}`] : [])]
    for (const query of queries) {
      const body = JSON.stringify({ query })
      requests.push(
        ['POST /graphql HTTP/1.1', ...fields, 'Content-Type: application/json', `Content-Length: ${body.length}`, '', body].join(CRLF),
        [
          `GET /graphql?${new URLSearchParams({ query })} HTTP/1.1`,
          ...fields,
          'Apollo-Require-Preflight: 1',
          'Accept-Encoding: gzip',
          '',
          '',
        ].join(CRLF),
      )
    }
  }
  return requests
}

/** Changes the same note on both servers. The acknowledgement of a mutation says that the invalidation is applied. */
async function writeNote(servers: readonly TinyServer[], authorization: string, version: number): Promise<void> {
  const body = JSON.stringify({ query: `mutation { setText(id: 2, text: "version ${version}") { id } }` })
  const headers = { authorization, 'content-type': 'application/json' }
  for (const { send } of servers) await send({ method: 'POST', headers, body })
}

interface Begun {
  readonly request: IncomingMessage
  readonly response: ServerResponse
}

const begun = new WeakMap<object, Begun[]>()

/** Counts the requests of a server, and remembers those of each connection. */
function watchRequests({ http }: TinyServer): { count: number } {
  const watch = { count: 0 }
  http.on('request', (request, response) => {
    watch.count++
    const list = begun.get(request.socket) ?? []
    begun.set(request.socket, [...list, { request, response }])
  })
  return watch
}

/** Sends chunks on a new connection, each as one chunk, and returns all bytes that the server sent until it closed the connection. */
async function converse({ port, sockets }: TinyServer, chunks: readonly SentChunk[]): Promise<string> {
  const client = connect({ port, host: '127.0.0.1', noDelay: true, allowHalfOpen: true })
  const received: Buffer[] = []
  let bytes = 0
  client.on('data', (chunk) => {
    received.push(chunk)
    bytes += chunk.length
  })
  let isOver = false
  const over = () => {
    isOver = true
  }
  client.on('error', over).on('end', over).on('close', over)
  await once(client, 'connect')
  const accepted = () => sockets.findLast(({ remotePort }) => remotePort === client.localPort)
  while (!accepted()) await nextTurn()
  const socket = accepted() as NonNullable<ReturnType<typeof accepted>>
  const isBusy = () =>
    (begun.get(socket) ?? []).some(({ request, response }) => request.complete && !response.writableFinished && !response.destroyed)
  let sent = 0
  for (const chunk of chunks) {
    // After a reset by the server, a failing write would make the client give up what it has not read yet.
    if (isOver || socket.destroyed) break
    client.write(chunk.bytes)
    sent += chunk.bytes.length
    while (!isOver && !socket.destroyed && socket.bytesRead < sent) await nextTurn()
    while (chunk.waits && !isOver && (isBusy() || bytes < socket.bytesWritten)) await nextTurn()
  }
  if (!socket.destroyed) client.end()
  while (!isOver) await nextTurn()
  client.destroy()
  return comparable(Buffer.concat(received).toString('latin1'))
}

/** Leaves out what differs between any two responses, and whether the value of a hit was still being made, which is chance. */
function comparable(text: string): string {
  return text
    .replace(/^date: .*$/gim, 'date')
    .replace(/; (ttl=\d+|detail=collapsed)/g, '')
    .replace(/^x-request-id: .*$/gim, 'x-request-id')
    .replace(/"requestId":"[^"]*"/g, '"requestId"')
    .replace(/^content-length: .*$/gim, (line) => (text.includes('requestId') ? 'content-length' : line))
}

function describeFinding(seed: string, chunks: readonly SentChunk[], received: string, expected: string): string {
  const sent = chunks.map(({ bytes, waits }) => `${JSON.stringify(bytes.toString('latin1'))}${waits ? ' (waits)' : ''}`)
  const at = [...received].findIndex((character, index) => character !== expected[index])
  const from = Math.max(0, at < 0 ? received.length : at) - 200
  const shown = [received, expected].map((text) => JSON.stringify(text.slice(Math.max(0, from), Math.max(0, from) + 600)))
  return [`seed ${seed}`, ...sent, `with recognition: … ${shown[0]}`, `without: … ${shown[1]}`].join('\n')
}
