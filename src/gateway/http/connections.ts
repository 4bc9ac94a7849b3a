import type { Server, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'

interface Connection {
  /** The response to the latest request; undefined before the first request. */
  response: ServerResponse | undefined
  /** The response to the request before the latest one. */
  earlier: ServerResponse | undefined
  /** Whether the connection is about to end, because the client's bytes could not be read. */
  isFailed: boolean
  /** Number of consecutive checks for idle connections that found this connection without a request in flight. */
  unused: number
}

export interface ConnectionsOptions {
  /** Time after which a client that reads none of its response is disconnected, ms. */
  readonly timeoutMs: number
  /**
   * Number of checks for idle connections that an idle connection survives while the server closes. It is not closed at the first check,
   * because the client may be sending its next request at that moment.
   */
  readonly keptUnused: number
}

/** Minimum number of checks for idle connections that a new connection survives, because its first request is probably on the way. */
const KEPT_BEFORE_FIRST_REQUEST = 10

/**
 * Tracks the connections of a server, to close idle connections at shutdown. node:http treats a connection as idle as soon as the response
 * was passed to the socket. If the connection were closed then, a client that reads slowly would lose the rest of the response. This class
 * treats a connection as idle only after the response was sent completely.
 */
export class Connections {
  readonly #connections = new Map<Socket, Connection>()
  readonly #keptUnused: number

  constructor(server: Server, { timeoutMs, keptUnused }: ConnectionsOptions) {
    this.#keptUnused = keptUnused
    server.on('connection', (socket: Socket) => {
      this.#connections.set(socket, { response: undefined, earlier: undefined, isFailed: false, unused: 0 })
      socket.once('close', () => this.#connections.delete(socket))
    })
    // Undocumented, see docs/internals.md: `http.Server.close calls closeIdleConnections`
    server.closeIdleConnections = () => this.#closeIdle()
    server.setTimeout(timeoutMs, (socket: Socket) => {
      // Only a client that does not read its response is disconnected. If a client sends its request too slowly, node:http itself sends an
      // error response. A connection without traffic may be waiting for a slow operation.
      if (socket.writableLength > 0) socket.destroy()
    })
  }

  /** Records that a request has begun on a connection. Must be called for each request. */
  begin(socket: Socket, response: ServerResponse): void {
    const connection = this.#connections.get(socket)
    if (connection) Object.assign(connection, { response, earlier: connection.response, unused: 0 })
  }

  /**
   * Calls back when all requests that were received whole before the client's bytes became unreadable are answered, in most cases at once.
   * Never calls back twice for a connection.
   */
  fail(socket: Socket, done: () => void): void {
    const connection = this.#connections.get(socket)
    if (!connection || connection.isFailed) return
    connection.isFailed = true
    const { response, earlier } = connection
    const last = response?.req.complete ? response : earlier
    if (!last || last.writableFinished || last.destroyed) done()
    else last.once('close', done)
  }

  /** Records that a request was received on a connection and answered, without a response of node:http. */
  used(socket: Socket): void {
    const connection = this.#connections.get(socket)
    if (connection) connection.unused = 0
  }

  #closeIdle(): void {
    for (const [socket, connection] of this.#connections) {
      const { response } = connection
      if (socket.writableLength > 0 || (response && !response.writableFinished && !response.destroyed)) continue
      const kept = response ? this.#keptUnused : Math.max(this.#keptUnused, KEPT_BEFORE_FIRST_REQUEST)
      if (++connection.unused > kept) socket.destroy()
    }
  }
}
