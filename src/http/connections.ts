import type { Server, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'

interface Connection {
  /** The newest answer; undefined while nothing was asked on the connection. */
  response: ServerResponse | undefined
  /** How often it was found unused. */
  unused: number
}

/** A connection that was just made has a request on its way: it counts as idle only when it was found unused this often. */
const UNUSED_BEFORE_IDLE = 10

/**
 * The connections of a server. node:http takes one as idle as soon as its answer was handed over, and cuts off whoever reads slowly;
 * here it is idle when the answer has left. A client that reads nothing for the server's timeout is cut off.
 */
export class Connections {
  readonly #connections = new Map<Socket, Connection>()

  constructor(server: Server, timeoutMs: number) {
    server.on('connection', (socket: Socket) => {
      this.#connections.set(socket, { response: undefined, unused: 0 })
      socket.once('close', () => this.#connections.delete(socket))
    })
    server.closeIdleConnections = () => this.#closeIdle()
    server.setTimeout(timeoutMs, (socket: Socket) => {
      // Whoever sends slowly is told so by node:http, and an operation may take longer than a client may take to read.
      if (socket.writableLength > 0) socket.destroy()
    })
  }

  /** To be called for each request. */
  begin(socket: Socket, response: ServerResponse): void {
    const connection = this.#connections.get(socket)
    if (connection) connection.response = response
  }

  #closeIdle(): void {
    for (const [socket, connection] of this.#connections) {
      const { response } = connection
      const isIdle = response === undefined ? ++connection.unused > UNUSED_BEFORE_IDLE : response.writableFinished || response.destroyed
      if (isIdle) socket.destroy()
    }
  }
}
