/**
 * The limit of the comparison: a bare node:http server that reads the request body and always sends the same bytes. Options: `--bytes
 * file`, `--status 200`.
 */
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { parseArgs } from 'node:util'
import { announce } from './announce.ts'

const { values } = parseArgs({ options: { bytes: { type: 'string', default: '' }, status: { type: 'string', default: '200' } } })
const bytes = readFileSync(values.bytes)
const status = Number(values.status)
const headers = status === 304 ? { etag: '"limit"' } : { 'content-type': 'application/json; charset=utf-8', 'content-length': bytes.length }

const server = createServer((request, response) => {
  request.resume().on('end', () => response.writeHead(status, headers).end(status === 304 ? undefined : bytes))
})
server.listen(0, '127.0.0.1', () => announce(`http://127.0.0.1:${(server.address() as AddressInfo).port}`))
