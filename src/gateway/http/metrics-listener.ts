import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

/** Returns the metrics in the text format of Prometheus. */
export type ReadMetrics = () => Promise<{ readonly contentType: string; readonly text: string }>

export interface MetricsListener {
  /** Port on which the listener accepts connections. */
  readonly port: number
  close(): Promise<void>
}

/** Serves /metrics, and nothing else, on a separate port. @throws the error of listening, such as EADDRINUSE. */
export async function listenForMetrics(read: ReadMetrics, { host, port }: { host: string; port: number }): Promise<MetricsListener> {
  const server = createServer(async (request, response) => {
    response.setHeader('x-content-type-options', 'nosniff').setHeader('cache-control', 'no-store')
    if (request.url !== '/metrics') {
      response.writeHead(404).end('Metrics are at /metrics.\n')
      return
    }
    try {
      const { contentType, text } = await read()
      response.writeHead(200, { 'content-type': contentType }).end(text)
    } catch {
      response.writeHead(503).end('The other processes did not say their figures: scrape again.\n')
    }
  })
  server.listen(port, host)
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    close: async () => {
      server.close()
      server.closeAllConnections()
    },
  }
}
