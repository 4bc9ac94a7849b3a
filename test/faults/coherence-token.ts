import assert from 'node:assert/strict'
import type { Fault } from './fault.ts'
import type { Instance } from './fleet.ts'
import { checkHealed, resultOf } from './healing.ts'
import { History, readAndCheck, writeAndRecord } from './history.ts'

const HOUR_MS = 3_600_000
const KEYS = Array.from({ length: 20 }, (_, index) => index + 1)

/** The second instance syncs the log only if a read requires it: its sync interval and its lease are an hour. */
export const fault: Fault = {
  id: 'F1',
  title: 'write on one, read with the token on another that does not tick',
  run: async (context) => {
    const database = await context.database()
    const settings = { databaseUrl: database.url }
    const withoutTicks = { tickMs: HOUR_MS, stalenessBoundMs: HOUR_MS }
    const fleet = await context.fleet({ ...settings, instances: 2, own: [{}, withoutTicks] })
    const [writer, reader] = fleet.instances as [Instance, Instance]
    const history = new History()
    const rounds = context.quick ? 20 : 200
    let slowestMs = 0
    for (let round = 0; round < rounds; round++) {
      const id = KEYS[round % KEYS.length] as number
      await reader.read({ tenant: 'acme', ids: [id] })
      const written = await writeAndRecord(history, writer, { tenant: 'acme', id })
      assert.ok('version' in written, `the write failed: ${JSON.stringify(written)}`)
      const before = await reader.stats()
      const sentAt = performance.now()
      const [served] = await readAndCheck(history, reader, { tenant: 'acme', ids: [id], token: written.token })
      slowestMs = Math.max(slowestMs, performance.now() - sentAt)
      const after = await reader.stats()
      assert.equal(served && 'version' in served ? served.version : served, written.version)
      assert.equal((after.events['sync'] ?? 0) - (before.events['sync'] ?? 0), 1, 'the read cost exactly one sync')
      await readAndCheck(history, reader, { tenant: 'acme', ids: [id], token: written.token })
      assert.equal((await reader.stats()).events['sync'], after.events['sync'], 'the token is met: the next read costs none')
    }
    await checkHealed({ context, history, database, instances: fleet.instances, settings })
    return resultOf(history, undefined, { 'slowest read ms': Math.round(slowestMs) })
  },
}
