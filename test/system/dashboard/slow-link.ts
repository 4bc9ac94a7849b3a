import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'

/** A TCP proxy whose answers arrive late, as from a slow server. */
export interface SlowLink {
  readonly port: number
  /** Time by which each piece of an answer is delayed, ms. */
  delayMs: number
  close(): Promise<void>
}

/** Starts a link on a free port. @param target Port on the loopback address that connections are forwarded to. */
export async function startSlowLink(target: number): Promise<SlowLink> {
  const sockets = new Set<Socket>()
  const server = createServer((client) => {
    const upstream = connect(target, '127.0.0.1')
    const end = () => {
      client.destroy()
      upstream.destroy()
    }
    for (const socket of [client, upstream]) {
      sockets.add(socket)
      socket.setNoDelay().on('error', end).on('close', end)
    }
    client.on('data', (bytes) => void upstream.write(bytes))
    upstream.on('data', (bytes) => void setTimeout(() => client.write(bytes), link.delayMs))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (typeof address !== 'object' || !address) throw new Error('The link has no port.')
  const link: SlowLink = {
    port: address.port,
    delayMs: 0,
    close: async () => {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
  return link
}
