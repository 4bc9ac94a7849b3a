import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'

/** The way to a database on which some statements take longer. */
export interface SlowDatabase {
  readonly url: string
  /** How many of those statements were sent since the last call. */
  takeCount(): number
  close(): Promise<void>
}

/**
 * @param statement Found in the SQL of the statements that are to be slow. A driver sends each in one piece, and none before the
 *   answer to the last.
 * @param delayMs Time before such a statement is handed on.
 */
export async function openSlowDatabase(databaseUrl: string, statement: RegExp, delayMs: number): Promise<SlowDatabase> {
  const target = new URL(databaseUrl)
  const sockets = new Set<Socket>()
  let count = 0
  const server = createServer((client) => {
    const upstream = connect(Number(target.port || 5432), target.hostname)
    let sent = Promise.resolve()
    client.on('data', (bytes) => {
      const isSlow = statement.test(bytes.toString('latin1'))
      if (isSlow) count++
      sent = sent.then(() => (isSlow ? pause(delayMs) : undefined)).then(() => void upstream.write(bytes))
    })
    upstream.on('data', (bytes) => client.write(bytes))
    for (const socket of [client, upstream]) {
      sockets.add(socket)
      socket.on('error', () => undefined)
      socket.on('close', () => {
        client.destroy()
        upstream.destroy()
        sockets.delete(socket)
      })
    }
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const url = new URL(databaseUrl)
  url.hostname = '127.0.0.1'
  url.port = String((server.address() as AddressInfo).port)
  return {
    url: url.href,
    takeCount: () => {
      const taken = count
      count = 0
      return taken
    },
    close: async () => {
      const closed = once(server, 'close')
      server.close()
      for (const socket of sockets) socket.destroy()
      await closed
    },
  }
}
