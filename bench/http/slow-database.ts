import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'

/** A proxy between the servers and the database that delays some statements. */
export interface SlowDatabase {
  readonly url: string
  /** Returns the number of statements that were delayed since the last call of this method. */
  takeCount(): number
  close(): Promise<void>
}

/**
 * Opens a proxy to the database.
 * @param statement Pattern of the SQL statements to delay. The driver must send each statement in one piece, and only after the response to
 * the previous statement.
 * @param delayMs Delay of each statement that matches the pattern, ms.
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
