import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'

/**
 * Treatment of the bytes that a link receives. `pass` forwards them. `swallow` keeps connections open and drops all bytes in
 * both directions (a black hole; connections that are open then stay dead even after the link passes bytes again).
 * `refuse` closes connections. `lose commits` forwards everything, but closes a connection instead of forwarding the
 * server's confirmation of a COMMIT.
 */
export type LinkMode = 'pass' | 'swallow' | 'refuse' | 'lose commits'

/** A TCP proxy between instances and a PostgreSQL server. A test can break it or point it at another server. */
export interface Link {
  readonly port: number
  mode: LinkMode
  /** Port that new connections are forwarded to. */
  target: number
  /** Number of COMMITs whose confirmation was dropped. */
  readonly lostCommits: number
  /** Closes all open connections. */
  cut(): void
  close(): Promise<void>
}

/** PostgreSQL's message CommandComplete with the tag COMMIT: type, length, tag, and a zero byte. */
const COMMITTED = Buffer.from([0x43, 0, 0, 0, 11, ...Buffer.from('COMMIT'), 0])

/** Starts a link on a free port. @param target Port on the loopback address that connections are forwarded to. */
export async function startLink(target: number): Promise<Link> {
  const pairs = new Set<readonly [Socket, Socket]>()
  const link = { mode: 'pass' as LinkMode, target, lostCommits: 0 }
  const server = createServer((client) => {
    if (link.mode === 'refuse') return void client.destroy()
    const upstream = connect(link.target, '127.0.0.1')
    const pair = [client, upstream] as const
    let isSwallowed = false
    const end = () => {
      if (isSwallowed) return
      client.destroy()
      upstream.destroy()
      pairs.delete(pair)
    }
    const passes = () => {
      isSwallowed ||= link.mode === 'swallow'
      return !isSwallowed
    }
    pairs.add(pair)
    for (const socket of pair) socket.on('error', end).on('close', end)
    client.on('data', (bytes) => {
      if (passes()) upstream.write(bytes)
    })
    upstream.on('data', (bytes) => {
      if (link.mode === 'lose commits' && bytes.includes(COMMITTED)) {
        link.lostCommits++
        return end()
      }
      if (passes()) client.write(bytes)
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (typeof address !== 'object' || !address) throw new Error('The link has no port.')
  const cut = () => {
    for (const pair of pairs) for (const socket of pair) socket.destroy()
    pairs.clear()
  }
  return {
    port: address.port,
    get mode() {
      return link.mode
    },
    set mode(mode) {
      link.mode = mode
    },
    get target() {
      return link.target
    },
    set target(port) {
      link.target = port
    },
    get lostCommits() {
      return link.lostCommits
    },
    cut,
    close: async () => {
      const closed = once(server, 'close')
      server.close()
      cut()
      await closed
    },
  }
}
