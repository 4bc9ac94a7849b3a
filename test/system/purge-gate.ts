import { createServer, request, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'

/** Forwards purges to Varnish. It can hold them, as a slow network does. */
export interface PurgeGate {
  readonly url: string
  /** Number of purges that are held. */
  held(): number
  hold(isHeld: boolean): void
  stop(): void
}

/** Starts a gate in front of a Varnish. */
export async function startPurgeGate(varnish: string): Promise<PurgeGate> {
  let isHeld = false
  let held = 0
  const server: Server = createServer((incoming, outgoing) => {
    if (isHeld) {
      held++
      return
    }
    const forwarded = request(varnish, { method: incoming.method ?? 'PURGE', headers: incoming.headers }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502)
      answer.pipe(outgoing)
    })
    forwarded.on('error', () => outgoing.writeHead(502).end())
    forwarded.end()
  })
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    held: () => held,
    hold: (hold) => {
      isHeld = hold
      held = 0
    },
    stop: () => {
      server.closeAllConnections()
      server.close()
    },
  }
}
