import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { Worker } from 'node:worker_threads'
import { describe, expect, it, onTestFinished } from 'vitest'
import { untilNoneIsWaiting } from '#src/gateway/http/quiet-turn.ts'

const CLIENTS = 6

/** Connects in a thread of its own and writes 1 into `isConnected` when the kernel has accepted all connections. */
const CONNECT = `
  const { workerData: { port, clients, isConnected } } = require('node:worker_threads')
  const { connect } = require('node:net')
  let connected = 0
  for (let client = 0; client < clients; client++) {
    connect(port, '127.0.0.1', () => {
      if (++connected < clients) return
      Atomics.store(isConnected, 0, 1)
      Atomics.notify(isConnected, 0)
    }).on('error', () => undefined)
  }
`

/**
 * Opens several connections together, closes the port after `wait`, and returns how many of the connections the server
 * had accepted. This thread is blocked while the connections are opened, so all of them wait in the kernel's queue when
 * `wait` begins.
 */
async function acceptedBeforeClosing(wait: (server: ReturnType<typeof createServer>) => Promise<void>): Promise<number> {
  let accepted = 0
  const server = createServer((socket) => {
    accepted++
    socket.on('error', () => undefined)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const isConnected = new Int32Array(new SharedArrayBuffer(4))
  const worker = new Worker(CONNECT, { eval: true, workerData: { port, clients: CLIENTS, isConnected } })
  onTestFinished(async () => void (await worker.terminate()))
  expect(Atomics.wait(isConnected, 0, 0, 10_000)).not.toBe('timed-out')
  await wait(server)
  server.close()
  return accepted
}

describe('the closing of a port while new connections wait to be accepted', () => {
  it('waits until all of these connections are accepted', async () => {
    expect(await acceptedBeforeClosing((server) => untilNoneIsWaiting(server))).toBe(CLIENTS)
  })

  it('would reset some of these connections if the port were closed in the next turn of the event loop', async () => {
    expect(await acceptedBeforeClosing(() => nextTurn(undefined))).toBeLessThan(CLIENTS)
  })

  it('stops waiting after a time limit if new connections never stop arriving', async () => {
    const server = createServer()
    // Each time that the code under test reads the clock, the clock advances by 100 ms and another connection arrives.
    let now = 0
    const monotonic = () => {
      server.emit('connection')
      now += 100
      return now
    }
    await untilNoneIsWaiting(server, monotonic)
    expect(now).toBeLessThan(2000)
    expect(server.listenerCount('connection')).toBe(0)
  })
})
