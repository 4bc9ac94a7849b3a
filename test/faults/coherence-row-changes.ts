import assert from 'node:assert/strict'
import { setTimeout as pause } from 'node:timers/promises'
import type { Fault } from './fault.ts'
import type { FaultDatabase } from './fault-database.ts'
import type { Fleet, Instance } from './fleet.ts'
import { checkHealed, resultOf } from './healing.ts'
import { History } from './history.ts'
import { until } from './until.ts'

const STALENESS_BOUND_MS = 1000
const TENANT = 'acme'

/** The rows of one tenant as a client sees them: four rows by their ids, and lists with and without a declared predicate. */
interface View {
  readonly versions: readonly (number | null)[]
  readonly first: readonly number[]
  readonly second: readonly number[]
  readonly all: readonly number[]
}

interface Change {
  readonly title: string
  readonly statements: readonly string[]
  readonly seen: View
}

const EMPTY: View = { versions: [null, null, null, null], first: [], second: [], all: [] }

/**
 * Each change starts from the state after the previous change. Before each change, all readers have cached that state.
 */
const CHANGES: readonly Change[] = [
  {
    title: 'an insert after a cached null',
    statements: ["insert into things values ('acme', 1, 1, 'acme/1/1/a/', 1)"],
    seen: { versions: [1, null, null, null], first: [1], second: [], all: [1] },
  },
  {
    title: 'an insert into a list',
    statements: ["insert into things values ('acme', 2, 1, 'acme/2/1/b/', 1)"],
    seen: { versions: [1, 1, null, null], first: [1, 2], second: [], all: [1, 2] },
  },
  {
    title: 'a move from list to list',
    statements: ["update things set shelf = 2 where tenant_id = 'acme' and id = 1"],
    seen: { versions: [1, 1, null, null], first: [2], second: [1], all: [1, 2] },
  },
  {
    title: 'a move out of every list with a predicate',
    statements: ["update things set shelf = null where tenant_id = 'acme' and id = 1"],
    seen: { versions: [1, 1, null, null], first: [2], second: [], all: [1, 2] },
  },
  {
    title: 'a delete from a list',
    statements: ["delete from things where tenant_id = 'acme' and id = 2"],
    seen: { versions: [1, null, null, null], first: [], second: [], all: [1] },
  },
  {
    title: 'a change of the key',
    statements: ["update things set id = 2, payload = 'acme/2/1/c/' where tenant_id = 'acme' and id = 1"],
    seen: { versions: [null, 1, null, null], first: [], second: [], all: [2] },
  },
  {
    title: 'COPY',
    statements: ["copy things from program $$printf 'acme\\t3\\t1\\tacme/3/1/d/\\t1\\nacme\\t4\\t1\\tacme/4/1/e/\\t2\\n'$$"],
    seen: { versions: [null, 1, 1, 1], first: [3], second: [4], all: [2, 3, 4] },
  },
  {
    title: 'several statements in one transaction',
    statements: [
      'begin',
      "update things set version = 2, payload = 'acme/4/2/f/' where tenant_id = 'acme' and id = 4",
      "update things set shelf = 2 where tenant_id = 'acme' and id = 3",
      'commit',
    ],
    seen: { versions: [null, 1, 1, 2], first: [], second: [3, 4], all: [2, 3, 4] },
  },
  {
    title: 'a cascading delete',
    statements: ["delete from shelves where tenant_id = 'acme' and id = 2"],
    seen: { versions: [null, 1, null, null], first: [], second: [], all: [2] },
  },
  { title: 'TRUNCATE', statements: ['truncate things'], seen: EMPTY },
]

export const fault: Fault = {
  id: 'F22',
  title: 'inserts after nulls, lists, cascades, TRUNCATE and COPY by another program',
  run: async (context) => {
    const [database, redis] = await Promise.all([context.database(), context.redis()])
    const settings = { databaseUrl: database.url, redisUrl: redis.url, stalenessBoundMs: STALENESS_BOUND_MS }
    const fleet = await context.fleet({ ...settings, instances: 2 })
    const history = new History(STALENESS_BOUND_MS)
    let slowestMs = 0
    for (let round = 0; round < (context.quick ? 3 : 30); round++) {
      await database.query("insert into shelves values ('acme', 1), ('acme', 2) on conflict do nothing")
      let before = EMPTY
      for (const change of CHANGES) {
        slowestMs = Math.max(slowestMs, await applyAndWatch(change, before, database, fleet))
        history.operations += fleet.instances.length
        before = change.seen
      }
    }
    const trusted = await checkHealed({ context, history, database, instances: fleet.instances, settings })
    return resultOf(history, slowestMs, { 'values in Redis': trusted })
  },
}

/** Executes the SQL of a change and reads on all instances. @returns the time until the last instance showed the change, ms. */
async function applyAndWatch({ title, statements, seen }: Change, before: View, database: FaultDatabase, fleet: Fleet): Promise<number> {
  for (const instance of fleet.instances) assert.deepEqual(await view(instance), before, `before ${title}`)
  for (const statement of statements) await database.query(statement)
  const shown = fleet.instances.map(async (instance) => {
    const matches = async () => JSON.stringify(await view(instance)) === JSON.stringify(seen)
    const durationMs = await until(matches, STALENESS_BOUND_MS, `${title} on instance ${instance.index}`)
    // Reads again after a pause: an instance that showed the new value must not return the old value again.
    await pause(20)
    assert.deepEqual(await view(instance), seen, `after ${title}`)
    return durationMs
  })
  return Math.max(...(await Promise.all(shown)))
}

async function view(instance: Instance): Promise<View> {
  const list = async (shelf: number | 'all') => {
    const served = await instance.list({ tenant: TENANT, shelf })
    if ('error' in served) throw new Error(served.error)
    return served.ids
  }
  const [rows, first, second, all] = await Promise.all([
    instance.read({ tenant: TENANT, ids: [1, 2, 3, 4] }),
    list(1),
    list(2),
    list('all'),
  ])
  const versions = rows.map((row) => {
    if ('error' in row) throw new Error(row.error)
    return row.version
  })
  return { versions, first, second, all }
}
