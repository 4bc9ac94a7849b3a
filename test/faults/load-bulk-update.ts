import assert from 'node:assert/strict'
import type { Fault } from './fault.ts'
import { checkHealed, resultOf } from './healing.ts'
import { History, readAndCheck } from './history.ts'
import { until } from './until.ts'

const TENANTS = ['acme', 'globex', 'initech']
const SAMPLED = 150
const MAX_TAGS = 10_000
const STALENESS_BOUND_MS = 1000

export const fault: Fault = {
  id: 'F19',
  title: 'one UPDATE of 1,000,000 rows',
  run: async (context) => {
    const [database, redis] = await Promise.all([context.database(), context.redis()])
    const settings = { databaseUrl: database.url, redisUrl: redis.url, stalenessBoundMs: STALENESS_BOUND_MS }
    const { instances } = await context.fleet({ ...settings, instances: 2 })
    const history = new History(STALENESS_BOUND_MS)
    const perTenant = Math.ceil((context.quick ? 100_000 : 1_000_000) / TENANTS.length)
    for (const tenant of TENANTS) {
      await database.query(
        `insert into things select $1, id, 1, $1 || '/' || id || '/1/seeded/' from generate_series(1, ${perTenant}) as id`,
        [tenant],
      )
    }
    const ids = Array.from({ length: SAMPLED }, (_, index) => 1 + Math.floor((index * perTenant) / SAMPLED))
    const read = () =>
      Promise.all(instances.flatMap((instance) => TENANTS.map((tenant) => readAndCheck(history, instance, { tenant, ids }))))
    await until(async () => (await read()).flat().every((result) => 'version' in result && result.version === 1), 5000, 'the first version')
    const head = async () => Number((await database.query('select max(seq) as head from cache.log'))[0]?.['head'])
    // Instances may have loaded the inserted rows before the log contains all tags of these rows, so wait until the log contains them.
    const untold = `select from cache.pending where not pg_visible_in_snapshot(xid, (select snap from cache.log order by seq desc limit 1))`
    await until(async () => (await database.query(untold)).length === 0, 5000, 'the log to tell of all rows that were inserted')
    const before = await head()
    const startedAt = performance.now()
    await database.query("update things set version = 2, payload = concat_ws('/', tenant_id, id, 2, 'bulk', '')")
    const updateMs = performance.now() - startedAt
    const committedAt = performance.now()
    for (const tenant of TENANTS)
      for (const id of ids) history.recordCommit({ tenant, id, version: 2, payload: `${tenant}/${id}/2/bulk/` }, committedAt)
    const recoveryMs = await until(
      async () => (await read()).flat().every((result) => 'version' in result && result.version === 2),
      STALENESS_BOUND_MS,
      'the second version everywhere',
    )
    // An instance that had not cached a row may show its second version before the log contains the tags of the UPDATE.
    await until(async () => (await database.query(untold)).length === 0, 5000, 'the log to tell of the UPDATE')
    const rows = await database.query('select tags from cache.log where seq > $1', [before])
    const tags = (rows[0]?.['tags'] ?? []) as readonly string[]
    assert.equal(rows.length, 1, 'one row of the log tells of it')
    assert.ok(tags.length > 0 && tags.length <= MAX_TAGS, `the row has ${tags.length} tags`)
    await database.query('delete from things where id > 1000')
    await checkHealed({ context, history: new History(), database, instances, settings })
    return resultOf(history, recoveryMs, { rows: perTenant * TENANTS.length, 'UPDATE ms': Math.round(updateMs), tags: tags.length })
  },
}
