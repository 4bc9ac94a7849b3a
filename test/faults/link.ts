import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'

/**
 * What a link does with what is sent to it:
 * `pass` hands it on; `swallow` keeps connections and hands nothing on, in either direction, for good (a black hole: those that are
 * open then stay dead when it passes again); `refuse` closes connections; `lose commits` hands everything on but closes a
 * connection instead of handing on the server's word that a transaction was committed.
 */
export type LinkMode = 'pass' | 'swallow' | 'refuse' | 'lose commits'

/** The way from instances to a PostgreSQL server, which can be broken and can lead to another server. */
export interface Link {
  readonly port: number
  mode: LinkMode
  /** Where new connections lead to. */
  target: number
  /** How many COMMITs lost their answer. */
  readonly lostCommits: number
  /** Ends the connections that are open. */
  cut(): void
  close(): Promise<void>
}

/** The server's message CommandComplete with the tag COMMIT: type, length, tag, zero. */
const COMMITTED = Buffer.from([0x43, 0, 0, 0, 11, ...Buffer.from('COMMIT'), 0])

/** @param target Port on the loopback address. */
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
