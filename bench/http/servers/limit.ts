/**
 * The limit of the comparison: a bare node:http server that reads the request body and always sends the same bytes. Options: `--bytes
 * file`, `--status 200`. With `--raw`, it is a bare net.Server that takes each chunk for one request, and writes the same bytes of HTTP.
 */
import { readFileSync } from 'node:fs'
import { createServer, STATUS_CODES } from 'node:http'
import { type AddressInfo, createServer as createRawServer } from 'node:net'
import { parseArgs } from 'node:util'
import { announce } from './announce.ts'

const { values } = parseArgs({
  options: { bytes: { type: 'string', default: '' }, status: { type: 'string', default: '200' }, raw: { type: 'boolean', default: false } },
})
const bytes = readFileSync(values.bytes)
const status = Number(values.status)
const headers = status === 304 ? { etag: '"limit"' } : { 'content-type': 'application/json; charset=utf-8', 'content-length': bytes.length }

const rawAnswer = Buffer.concat([
  Buffer.from(
    [
      `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
      ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
      `Date: ${new Date().toUTCString()}`,
      'Connection: keep-alive',
      'Keep-Alive: timeout=5',
      '\r\n',
    ].join('\r\n'),
  ),
  ...(status === 304 ? [] : [bytes]),
])

const server = values.raw
  ? createRawServer((socket) => {
      socket.setNoDelay(true)
      socket.on('error', () => socket.destroy())
      socket.on('data', () => socket.write(rawAnswer))
    })
  : createServer((request, response) => {
      request.resume().on('end', () => response.writeHead(status, headers).end(status === 304 ? undefined : bytes))
    })
server.listen(0, '127.0.0.1', () => announce(`http://127.0.0.1:${(server.address() as AddressInfo).port}`))
