import type { Server } from 'node:net'
import { setImmediate as nextTurn } from 'node:timers/promises'

/**
 * Maximum duration of a short turn of the event loop, ms. If a short turn accepted no connection, no connection is waiting. During a longer
 * turn, a connection may arrive after the event loop has checked for new connections.
 */
const SHORT_TURN_MS = 0.5
/** Maximum time to wait for a short turn without a new connection, ms. On a busy server, every turn may accept a connection. */
const MAX_WAIT_MS = 500

// Undocumented, see docs/internals.md: `net.Server accepts one connection in a turn`
/**
 * Resolves right after a turn of the event loop in which no connection waited to be accepted. Await it before a port is closed. Closing the
 * port makes the operating system reset the connections that still wait, and node accepts only one connection in each turn.
 */
export async function untilNoneIsWaiting(server: Server, monotonic = () => performance.now()): Promise<void> {
  let accepted = 0
  const count = () => accepted++
  server.on('connection', count)
  // The rest of the current turn does not count, because the event loop does not check for new connections in it any more.
  await nextTurn()
  const begin = monotonic()
  for (let turn = begin; turn - begin < MAX_WAIT_MS; ) {
    const before = accepted
    await nextTurn()
    const now = monotonic()
    if (accepted === before && now - turn < SHORT_TURN_MS) break
    turn = now
  }
  server.off('connection', count)
}
