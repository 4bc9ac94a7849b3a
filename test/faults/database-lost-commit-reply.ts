import assert from 'node:assert/strict'
import type { Fault } from './fault.ts'
import type { Instance } from './fleet.ts'
import { checkHealed, resultOf } from './healing.ts'
import { History, readAndCheck, writeAndRecord } from './history.ts'
import { startLink } from './link.ts'
import { runWorkload } from './workload.ts'

export const fault: Fault = {
  id: 'F6',
  title: 'the reply to COMMIT is dropped',
  run: async (context) => {
    const [database, redis] = await Promise.all([context.database(), context.redis()])
    const link = await startLink(Number(new URL(database.url).port))
    context.defer(() => link.close())
    const settings = { databaseUrl: database.url, redisUrl: redis.url }
    const fleet = await context.fleet({ ...settings, instances: 2, own: [{ databaseUrl: database.urlThrough(link.port) }] })
    const [victim, other] = fleet.instances as [Instance, Instance]
    const history = new History()
    const rounds = context.quick ? 20 : 200
    for (let round = 1; round <= rounds; round++) {
      const call = { tenant: 'hooli', ids: [round % 7] }
      const write = { tenant: 'hooli', id: round % 7 }
      await Promise.all(fleet.instances.map((instance) => readAndCheck(history, instance, call)))
      link.mode = 'lose commits'
      const failed = await writeAndRecord(history, victim, write)
      link.mode = 'pass'
      assert.ok('error' in failed, 'a write of unknown outcome fails')
      assert.ok(failed.token, `its error carries a token: ${failed.error}`)
      const [row] = await database.query('select version, payload from things where tenant_id = $1 and id = $2', [write.tenant, write.id])
      for (const [instance, token] of [
        [victim, undefined],
        [victim, failed.token],
        [other, failed.token],
      ] as const) {
        const [served] = await readAndCheck(history, instance, { ...call, token })
        assert.equal(served && 'payload' in served ? served.payload : served, row?.['payload'], 'reads agree with the database')
      }
    }
    assert.equal(link.lostCommits, rounds)
    link.mode = 'lose commits'
    await runWorkload({ instances: fleet.instances, history, seed: context.seed, forMs: context.quick ? 3000 : 30_000 })
    link.mode = 'pass'
    await runWorkload({ instances: fleet.instances, history, seed: context.seed + 1, forMs: 1000 })
    const trusted = await checkHealed({ context, history, database, instances: fleet.instances, settings })
    return resultOf(history, undefined, { 'lost replies': link.lostCommits, 'values in Redis': trusted })
  },
}
