/**
 * Loaded into a gateway before its program (`node --import`): answers each request to the Unix socket HEAP_SOCKET with the memory of the process
 * after a garbage collection, as JSON. The program itself is not changed.
 */
import { createServer } from 'node:http'

const server = createServer((_, response) => {
  // The second collection frees what finalizers of the first one let go.
  globalThis.gc?.()
  globalThis.gc?.()
  const { heapUsed, rss } = process.memoryUsage()
  response.end(JSON.stringify({ heapUsed, rss }))
})
server.listen(process.env['HEAP_SOCKET'])
server.unref()
