import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

export interface RewritingProxy {
  readonly port: number
  stop(): void
}

/**
 * Starts a proxy that replaces a text in what the server sends. Both texts have the same length, so the framing of the protocol stays valid.
 * A real server so claims to have another version.
 */
export async function startRewritingProxy(serverPort: number, replacements: Readonly<Record<string, string>>): Promise<RewritingProxy> {
  for (const [text, replacement] of Object.entries(replacements))
    if (text.length !== replacement.length) throw new Error(`Expected a replacement as long as ${text}, got ${replacement}.`)
  const sockets = new Set<Socket>()
  const server = createServer((client) => {
    const upstream = connect(serverPort, '127.0.0.1')
    for (const socket of [client, upstream]) {
      sockets.add(socket)
      socket.on('error', () => undefined)
    }
    client.pipe(upstream)
    upstream.on('data', (bytes) => {
      const text = bytes.toString('latin1')
      const changed = Object.entries(replacements).reduce((part, [from, to]) => part.replaceAll(from, to), text)
      client.write(Buffer.from(changed, 'latin1'))
    })
    upstream.on('close', () => client.destroy())
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    stop: () => {
      for (const socket of sockets) socket.destroy()
      server.close()
    },
  }
}
