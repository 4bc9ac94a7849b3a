import { connect } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import { admin, tokenFor } from '../e2e/gateway.ts'

export interface Sent {
  readonly answered: number
  /**
   * Number of requests that were sent on a connection which then closed without a response. A refused connection loses
   * no request.
   */
  readonly lost: number
}

const BODY = JSON.stringify({ query: '{ campaigns(first: 2) { nodes { id name } } }' })
const PAUSE_WHEN_REFUSED_MS = 20

/**
 * Starts clients that post one request after another like a proxy, on connections that stay open as long as the gateway
 * allows.
 * Resolves when each client got an answer, so that none of them is still about to connect.
 * @returns a function that stops the clients.
 */
export async function postOnKeptConnections(url: URL, clients: number): Promise<() => Promise<Sent>> {
  const head = [
    'POST /graphql HTTP/1.1',
    'Host: gateway',
    'Content-Type: application/json',
    `Authorization: Bearer ${await tokenFor(admin)}`,
    `Content-Length: ${BODY.length}`,
  ]
  const request = `${head.join('\r\n')}\r\n\r\n${BODY}`
  const counts = { answered: 0, lost: 0 }
  let isOver = false
  /** Resolves when the connection has ended, with false if it could not be opened. */
  const useConnection = (onAnswer: () => void) =>
    new Promise<boolean>((resolve) => {
      let isConnected = false
      let isWaiting = false
      let text = ''
      const socket = connect(Number(url.port), url.hostname)
      const send = () => {
        isWaiting = true
        text = ''
        socket.write(request)
      }
      socket.on('connect', () => {
        isConnected = true
        send()
      })
      socket.on('data', (chunk) => {
        text += chunk
        if (!isComplete(text)) return
        isWaiting = false
        counts.answered++
        onAnswer()
        if (isOver || /^connection: close\r$/im.test(text)) socket.end()
        else send()
      })
      socket.on('error', () => undefined)
      socket.on('close', () => {
        if (isWaiting) counts.lost++
        resolve(isConnected)
      })
    })
  const answered = Array.from({ length: clients }, () => Promise.withResolvers<void>())
  const running = answered.map(async ({ resolve }) => {
    while (!isOver) if (!(await useConnection(resolve))) await pause(PAUSE_WHEN_REFUSED_MS)
  })
  await Promise.all(answered.map(({ promise }) => promise))
  return async () => {
    isOver = true
    await Promise.all(running)
    return counts
  }
}

function isComplete(answer: string): boolean {
  const end = answer.indexOf('\r\n\r\n')
  const length = /^content-length: (\d+)\r$/im.exec(answer)?.[1]
  return end >= 0 && length !== undefined && Buffer.byteLength(answer.slice(end + 4)) >= Number(length)
}
