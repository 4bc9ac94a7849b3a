import { setTimeout as pause } from 'node:timers/promises'
import type { Random } from '#src/market/seed/random.ts'
import type { FaultDatabase } from '../fault-database.ts'
import type { History } from '../history.ts'
import type { ThingRow } from '../things.ts'

/**
 * Writes to random campaigns with plain SQL, so that no instance knows of the write, and records each commit in the history. The name of a
 * campaign identifies the newest write.
 */
export async function writeCampaigns(options: {
  readonly database: FaultDatabase
  readonly history: History
  readonly random: Random
  readonly forMs: number
  readonly perSecond: number
}): Promise<number> {
  const { database, history, random, forMs, perSecond } = options
  const ids = (await campaignRows(database)).map(({ id }) => id)
  const count = Math.round((forMs / 1000) * perSecond)
  const begin = performance.now()
  for (let index = 0; index < count; index++) {
    await pause(Math.max(0, begin + (index * 1000) / perSecond - performance.now()))
    history.recordCommit(await write(database, random.pick(ids), random), performance.now())
  }
  return count
}

/** Gives each campaign a name that identifies its version. */
export async function nameCampaigns(database: FaultDatabase, random: Random): Promise<void> {
  const rows = await database.query('select id from campaigns order by id')
  for (const { id } of rows) await write(database, Number(id), random)
}

/** Returns the current rows of all campaigns. */
export async function campaignRows(database: FaultDatabase): Promise<readonly ThingRow[]> {
  const rows = await database.query('select tenant_id as tenant, id, version, name as payload from campaigns order by id')
  return rows.map(thingOf)
}

async function write(database: FaultDatabase, id: number, random: Random): Promise<ThingRow> {
  const mark = random.integer(0, 2 ** 31).toString(36)
  const [row] = await database.query(
    `update campaigns set version = version + 1, name = concat_ws('/', tenant_id, id, version + 1, $2::text) where id = $1
     returning tenant_id as tenant, id, version, name as payload`,
    [id, mark],
  )
  return thingOf(row ?? {})
}

function thingOf(row: Readonly<Record<string, unknown>>): ThingRow {
  return { tenant: String(row['tenant']), id: Number(row['id']), version: Number(row['version']), payload: String(row['payload']) }
}
