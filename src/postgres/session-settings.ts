import type pg from 'pg'
import { GatewayError } from '../errors.ts'

interface Setting {
  readonly wanted: string
  /** Values that do as well. */
  readonly accepted?: RegExp
  /** Whether answers would be wrong, or statements fail, without it. */
  readonly isEssential: boolean
}

/** What statements and the reading of values rely on. A database, or a role in it, may come with other defaults. */
const SETTINGS: Readonly<Record<string, Setting>> = {
  DateStyle: { wanted: 'ISO, MDY', accepted: /^ISO/, isEssential: true },
  bytea_output: { wanted: 'hex', isEssential: true },
  default_transaction_isolation: { wanted: 'read committed', isEssential: true },
  default_transaction_read_only: { wanted: 'off', isEssential: true },
  search_path: { wanted: 'public', accepted: /^("\$user", ?)?public\b/, isEssential: true },
  standard_conforming_strings: { wanted: 'on', isEssential: true },
  TimeZone: { wanted: 'UTC', accepted: /^(Etc\/)?UTC$/, isEssential: false },
  IntervalStyle: { wanted: 'postgres', isEssential: false },
  extra_float_digits: { wanted: '1', accepted: /^[123]$/, isEssential: false },
  lock_timeout: { wanted: '0', isEssential: false },
  idle_in_transaction_session_timeout: { wanted: '0', isEssential: false },
  transform_null_equals: { wanted: 'off', isEssential: false },
}
const NAMES = Object.keys(SETTINGS)

interface Value {
  readonly name: string
  readonly value: string
}

/**
 * Makes a new connection one that the gateway can rely on: to a server that is no standby, because loads must see what the log speaks
 * of, and with the settings that it needs. They are set by a statement, because a pooler would refuse them as parameters of the
 * connection.
 * @param statementTimeoutMs 0: none.
 * @throws GatewayError CONFIGURATION behind a pooler whose sessions start with other settings: there they cannot be set for good.
 */
export async function prepare(client: pg.ClientBase, statementTimeoutMs: number): Promise<void> {
  const { rows } = await client.query<{ standby: boolean; process: number; values: readonly string[] }>(
    `select pg_is_in_recovery() as standby, set_config('statement_timeout', $1, false), pg_backend_pid() as process,
       array(select current_setting(name) from unnest($2::text[]) with ordinality as names (name, place) order by place) as values`,
    [String(statementTimeoutMs), NAMES],
  )
  const [row] = rows
  if (row?.standby !== false) throw new Error('Connection terminated: the server is a standby.')
  if (isPooled(client, row.process)) await refuseWrongDefaults(client)
  const wrong = wrongOnes(row.values.map((value, index) => ({ name: NAMES[index] ?? '', value })))
  if (wrong.length === 0) return
  await client.query('select set_config(name, value, false) from unnest($1::text[], $2::text[]) as wanted (name, value)', [
    wrong.map(({ name }) => name),
    wrong.map(({ name }) => SETTINGS[name]?.wanted),
  ])
}

function wrongOnes(values: readonly Value[]): readonly Value[] {
  return values.filter(({ name, value }) => {
    const setting = SETTINGS[name]
    return setting !== undefined && value !== setting.wanted && !setting.accepted?.test(value)
  })
}

/** A pooler introduces itself with another process than the one that answers, which may be another one for the next statement. */
function isPooled(client: pg.ClientBase, process: number): boolean {
  const { processID } = client as pg.ClientBase & { readonly processID?: number | null }
  return processID !== process
}

async function refuseWrongDefaults(client: pg.ClientBase): Promise<void> {
  const { rows } = await client.query<Value>('select name, reset_val as value from pg_settings where name = any($1)', [NAMES])
  const wrong = wrongOnes(rows).filter(({ name }) => SETTINGS[name]?.isEssential)
  if (wrong.length === 0) return
  const found = wrong.map(({ name, value }) => `${name} = '${value}'`).join(', ')
  const remedy = wrong.map(({ name }) => `ALTER ROLE … SET ${name} = ${quoted(SETTINGS[name]?.wanted ?? '')}`).join('; ')
  throw new GatewayError(
    'CONFIGURATION',
    `DATABASE_URL: sessions behind this pooler start with ${found}, which cannot be changed through it: run ${remedy} for the role that connects.`,
  )
}

function quoted(value: string): string {
  return `'${value}'`
}
