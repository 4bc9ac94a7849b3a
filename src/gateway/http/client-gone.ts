import type { ServerResponse } from 'node:http'
import { GatewayError } from '../../errors.ts'

/** Time between two probes of a client that has closed its sending side of the connection (TCP half-close), ms. */
const PROBE_MS = 250

/** Returns a signal that aborts when the client closes the connection before it has received the whole response. */
export function clientGone(response: ServerResponse): AbortSignal {
  const controller = new AbortController()
  const { socket } = response
  let timer: NodeJS.Timeout | undefined
  const probe = () => {
    timer ??= setInterval(() => askClient(response), PROBE_MS).unref()
  }
  if (socket?.readableEnded) probe()
  else socket?.once('end', probe)
  response.once('close', () => {
    clearInterval(timer)
    socket?.off('end', probe)
    if (!response.writableFinished) controller.abort(new GatewayError('CLIENT_CLOSED'))
  })
  return controller.signal
}

/**
 * Writes an interim response (102 Processing) to find out whether the client still waits. A client that has closed its sending side may
 * still wait for its response, or may be gone, and reading from the socket does not tell which. If the client is gone, its machine answers
 * the written bytes with a TCP reset, and the next write fails.
 */
function askClient(response: ServerResponse): void {
  const mayHaveInterim = response.req.httpVersionMajor === 1 && response.req.httpVersionMinor === 1
  if (mayHaveInterim && !response.headersSent && !response.writableEnded) response.writeProcessing()
}
