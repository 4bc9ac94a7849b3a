import { sql } from 'kysely'
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { AuditLog } from '#src/operations/admin/audit/audit-log.ts'
import { InstanceRegistry, type InstanceState } from '#src/operations/admin/instances/instance-registry.ts'
import { ManualEnv } from '../cache/manual-env.ts'
import { createScratchDatabase, type ScratchDatabase } from '../modules/scratch-database.ts'

const ID = '3f2504e0-4f89-41d3-9a0c-0305e82c3301'
let scratch: ScratchDatabase

beforeAll(async () => {
  scratch = await createScratchDatabase()
})
afterAll(() => scratch?.drop())
beforeEach(() => sql`delete from cache_audit_log`.execute(scratch.db))

it('The audit log keeps the newest reads and the newest actions up to their maximum numbers, although none of them is old.', async () => {
  const audit = new AuditLog(scratch.db, ID)
  const entry = { caller: null, arguments: {}, address: '127.0.0.1', requestId: 'r' }
  const [actions, reads]: [number[], number[]] = [[], []]
  for (let row = 0; row < 4; row++) actions.push(await audit.begin({ ...entry, endpoint: 'POST /invalidate' }, 'ok'))
  for (let row = 0; row < 12; row++) reads.push(await audit.begin({ ...entry, endpoint: 'GET /stats' }, 'ok'))
  const filter = { tenant: undefined, endpoint: undefined, outcome: undefined, userId: undefined, before: undefined, limit: 100 }
  const kept = async () => (await audit.read(filter)).map(({ id }) => id)
  await audit.trim(365)
  expect(await kept()).toHaveLength(16)
  await audit.trim(365, { maxReads: 5 })
  expect(await kept()).toEqual([...actions, ...reads.slice(-5)].reverse())
  await audit.trim(365, { maxActions: 3 })
  expect(await kept()).toEqual([...actions.slice(-3), ...reads.slice(-5)].reverse())
})

it('The audit log can be read without reads, so that open dashboards do not hide what people did.', async () => {
  const audit = new AuditLog(scratch.db, ID)
  const entry = { caller: null, arguments: {}, address: '127.0.0.1', requestId: 'r' }
  const purge = await audit.begin({ ...entry, endpoint: 'POST /invalidate' }, 'ok')
  await audit.begin({ ...entry, endpoint: 'GET /stats' }, 'ok')
  const filter = { tenant: undefined, endpoint: undefined, outcome: undefined, userId: undefined, before: undefined, limit: 100 }
  expect((await audit.read({ ...filter, method: 'POST' })).map(({ id }) => id)).toEqual([purge])
  expect((await audit.read({ ...filter, method: 'GET', limit: 1 })).map(({ endpoint }) => endpoint)).toEqual(['GET /stats'])
})

it('A deploy is recorded once for each change of the version, also for a rollback, and not for a restart.', async () => {
  const state: InstanceState = {
    ...{ epoch: 'e', clock: 1, lagMs: 1, memoryEntries: 0, memoryBytes: 0, heapBytes: 0, redis: 'none', policies: 0 },
    details: { tenants: [{ tenant: 'acme', bytes: 12 }] },
  }
  const start = async (version: string) => {
    const registry = new InstanceRegistry({
      ...{ db: scratch.db, env: new ManualEnv(), id: ID, version, host: 'h', pid: 1, stalenessBoundMs: 1000, state: () => state },
      beforeReport: async () => undefined,
      onFailed: () => undefined,
    })
    await registry.start()
    expect((await registry.list()).map(({ details }) => details)).toEqual([state.details])
    await registry.close()
  }
  for (const version of ['1.0.0', '1.0.0', '1.1.0', '1.1.0', '1.0.0']) await start(version)
  const rows = await scratch.handle.runAside('select version from cache_deploys order by id', [], 1000)
  expect(rows.map(({ version }) => version)).toEqual(['1.0.0', '1.1.0', '1.0.0'])
})

it('A statement for an operator takes no connection of the pool, and ends at its deadline.', async () => {
  const { handle } = scratch
  const inUse = () => handle.pool?.figures().inUse
  const slow = handle.runAside('select pg_sleep(5)', [], 100)
  expect(inUse()).toBe(0)
  await expect(slow).rejects.toThrow('did not answer within 100 ms')
  expect(await handle.runAside('select 7 as seven', [], 2000)).toEqual([{ seven: 7 }])
})

it('A runner has a connection of its own, which shows its name, and ends a statement at its deadline.', async () => {
  const { handle } = scratch
  const run = handle.createRunner('purges')
  expect(await run("select current_setting('application_name') as name", [], 2000)).toEqual([{ name: 'tidegate-purges' }])
  const slow = run('select pg_sleep(5)', [], 100)
  expect(handle.pool?.figures().inUse).toBe(0)
  expect(await handle.runAside('select 7 as seven', [], 2000)).toEqual([{ seven: 7 }])
  await expect(slow).rejects.toThrow('did not answer within 100 ms')
})
