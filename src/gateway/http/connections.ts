import type { Server, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'

interface Connection {
  /** The response to the latest request; undefined before the first request. */
  response: ServerResponse | undefined
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
      this.#connections.set(socket, { response: undefined, unused: 0 })
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
    if (connection) Object.assign(connection, { response, unused: 0 })
  }

  #closeIdle(): void {
    for (const [socket, connection] of this.#connections) {
      const { response } = connection
      if (response && !response.writableFinished && !response.destroyed) continue
      const kept = response ? this.#keptUnused : Math.max(this.#keptUnused, KEPT_BEFORE_FIRST_REQUEST)
      if (++connection.unused > kept) socket.destroy()
    }
  }
}
