import assert from 'node:assert/strict'
import type { Fault } from './fault.ts'
import type { Instance } from './fleet.ts'
import { checkHealed, resultOf } from './healing.ts'
import { History, readAndCheck, writeAndRecord } from './history.ts'

const HOUR_MS = 3_600_000
const READS = 1000
const KEYS = Array.from({ length: 10 }, (_, index) => index + 1)

export const fault: Fault = {
  id: 'F2',
  title: '1,000 concurrent reads with a token on an instance that does not tick',
  run: async (context) => {
    const database = await context.database()
    const settings = { databaseUrl: database.url }
    const withoutTicks = { tickMs: HOUR_MS, stalenessBoundMs: HOUR_MS }
    const fleet = await context.fleet({ ...settings, instances: 2, own: [{}, withoutTicks] })
    const [writer, reader] = fleet.instances as [Instance, Instance]
    const history = new History()
    let maxSyncs = 0
    let maxLoads = 0
    for (let round = 0; round < (context.quick ? 5 : 50); round++) {
      await reader.read({ tenant: 'acme', ids: KEYS })
      let token: string | undefined
      for (const id of KEYS) token = (await writeAndRecord(history, writer, { tenant: 'acme', id })).token
      await reader.forgetLoads()
      const before = await reader.stats()
      await Promise.all(
        Array.from({ length: READS }, (_, index) =>
          readAndCheck(history, reader, { tenant: 'acme', ids: [KEYS[index % KEYS.length] as number], token }),
        ),
      )
      const after = await reader.stats()
      maxSyncs = Math.max(maxSyncs, (after.events['sync'] ?? 0) - (before.events['sync'] ?? 0))
      maxLoads = Math.max(maxLoads, ...Object.values(after.loadsByKey))
    }
    assert.ok(maxSyncs >= 1 && maxSyncs <= 2, `1,000 reads cost ${maxSyncs} syncs`)
    assert.ok(maxLoads >= 1 && maxLoads <= 2, `a key was loaded ${maxLoads} times`)
    assert.equal(history.readErrors, 0, 'no read fails')
    await checkHealed({ context, history, database, instances: fleet.instances, settings })
    return resultOf(history, undefined, { 'most syncs': maxSyncs, 'most loads of a key': maxLoads })
  },
}
