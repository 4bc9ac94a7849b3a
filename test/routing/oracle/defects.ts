import type pg from 'pg'
import { TimeZones } from '#src/market/rules/time-zones.ts'

/** A fault that is planted into the program: a change of its SQL, or of its clocks. */
export interface Defect {
  /** Returns the SQL that the faulty program sends in place of this one. */
  readonly sql?: (text: string) => string
  readonly zones?: TimeZones
  /** Number of callers with which the fault shows soon. */
  readonly callers: number
}

class UniversalTime extends TimeZones {
  override offsetAt(_zone: string, time: number): number {
    return super.offsetAt('UTC', time)
  }

  override spans(_zone: string, from: number, until: number) {
    return super.spans('UTC', from, until)
  }
}

/** Returns a function that replaces parts of SQL. If the program no longer sends such a part, the judge finds no fault, and the test fails. */
function without(part: RegExp, replacement: string): (text: string) => string {
  return (text) => text.replaceAll(part, replacement)
}

/** The faults that the judge must find, by what the program lacks. */
export const defects: Readonly<Record<string, Defect>> = {
  'no lock on the buyer': { sql: without(/(from buyers where .*) for no key update/g, '$1'), callers: 60 },
  'no lock on the caller': { sql: without(/pg_advisory_xact_lock\((\(select \$\d+::int8\))\)/g, '$1 is null'), callers: 3 },
  'versions that are not compared': {
    sql: without(/(?<=select )buyers_revision(?= from routing_states)|coalesce\(buyers_revision, 0\)/g, '1::int8'),
    callers: 20,
  },
  'open reservations that are not counted': {
    sql: without(/(buyer_id = (?:buyer\.id|\(select \$\d+::int8\)) and )state = 'OPEN'/g, "$1state = 'GONE'"),
    callers: 20,
  },
  'no second look at a buyer under its lock': {
    sql: (text) => (text.includes('as reservation_id') ? text.replaceAll("state = 'OPEN'", "state = 'GONE'") : text),
    callers: 60,
  },
  'no caps in the second look': { sql: without(/end > maximum/g, 'end is null'), callers: 60 },
  'UTC in place of the time zone of the buyer': { zones: new UniversalTime(), callers: 20 },
}

/** Makes a connection send the SQL of a faulty program. */
export function plant(client: pg.PoolClient, defect: Defect | undefined): void {
  const { sql: change } = defect ?? {}
  client.on('error', () => undefined)
  if (!change) return
  const query = client.query.bind(client) as (...given: unknown[]) => unknown
  Object.assign(client, { query: (text: unknown, ...rest: unknown[]) => query(typeof text === 'string' ? change(text) : text, ...rest) })
}
