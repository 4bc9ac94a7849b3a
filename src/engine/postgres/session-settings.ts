import { GatewayError } from '../../errors.ts'
import { DatabaseUnavailableError } from './failure.ts'
import type { WatchedClient } from './watched-client.ts'

interface Setting {
  readonly wanted: string
  /** Values that are accepted besides `wanted`. */
  readonly accepted?: RegExp
  /** Whether a value that is not accepted would make results wrong or statements fail. */
  readonly isEssential: boolean
}

/**
 * Session settings that the gateway's statements and its parsing of values rely on. A database, or a role in it, may have other defaults.
 */
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

/** Value of a session setting. */
export interface SettingValue {
  readonly name: string
  readonly value: string
}

/** A default of new sessions that would make results wrong or statements fail. */
export interface UnfitDefault extends SettingValue {
  /** Value that the gateway needs. */
  readonly wanted: string
}

/**
 * Verifies and configures a new connection. The server must not be a standby, because loads must see the writes whose tags are in the
 * invalidation log. Settings are changed by a statement, and only on a direct connection. They are not sent as connection parameters,
 * because a pooler would refuse such parameters. Behind a pooler, no setting is changed, because the pooler gives the session to another
 * client next. The change would also apply to that client.
 * @param statementTimeoutMs Statement timeout, ms; 0 means no timeout. Behind a pooler only the client enforces the timeout.
 * @returns whether the connection leads to the server itself, with no pooler in between.
 * @throws GatewayError CONFIGURATION if the sessions of a pooler start with wrong settings, because the gateway cannot change them.
 */
export async function prepare(client: Pick<WatchedClient, 'run'>, statementTimeoutMs: number): Promise<boolean> {
  const { rows } = await client.run<{ standby: boolean; process: number; values: readonly string[] }>(
    `select pg_is_in_recovery() as standby, pg_backend_pid() as process,
       case when pg_backend_pid() = $3 then set_config('statement_timeout', $1, false) end,
       array(select current_setting(name) from unnest($2::text[]) with ordinality as names (name, place) order by place) as values`,
    [String(statementTimeoutMs), NAMES, processOf(client)],
  )
  const [row] = rows
  if (row?.standby !== false) throw new DatabaseUnavailableError('Expected the primary server, got a standby.')
  // The driver learns a process id when the connection starts. Behind a pooler, another backend with another process id runs the statement.
  // The backend may change with each statement.
  if (isBehindPooler(client, row.process)) {
    await refuseWrongDefaults(client)
    return false
  }
  const wrong = wrongOnes(row.values.map((value, index) => ({ name: NAMES[index] ?? '', value })))
  if (wrong.length === 0) return true
  await client.run('select set_config(name, value, false) from unnest($1::text[], $2::text[]) as wanted (name, value)', [
    wrong.map(({ name }) => name),
    wrong.map(({ name }) => SETTINGS[name]?.wanted),
  ])
  return true
}

/**
 * Returns the defaults of new sessions that the gateway needs to be different, and that it cannot change behind a pooler.
 * @param client Client whose session no statement has changed.
 */
export async function findUnfitDefaults(client: Pick<WatchedClient, 'run'>): Promise<readonly UnfitDefault[]> {
  const { rows } = await client.run<SettingValue>('select name, reset_val as value from pg_settings where name = any($1)', [NAMES])
  return wrongOnes(rows).flatMap(({ name, value }) => {
    const setting = SETTINGS[name]
    return setting?.isEssential ? [{ name, value, wanted: setting.wanted }] : []
  })
}

/** Returns whether another backend than the one that answered the start of the connection runs its statements: a pooler is in between. */
export function isBehindPooler(client: object, backendId: number): boolean {
  return backendId !== processOf(client)
}

function wrongOnes(values: readonly SettingValue[]): readonly SettingValue[] {
  return values.filter(({ name, value }) => {
    const setting = SETTINGS[name]
    return setting !== undefined && value !== setting.wanted && !setting.accepted?.test(value)
  })
}

// Undocumented, see docs/internals.md: `pg.Client.processID`
function processOf(client: object): number | null | undefined {
  return (client as { readonly processID?: number | null }).processID
}

async function refuseWrongDefaults(client: Pick<WatchedClient, 'run'>): Promise<void> {
  const wrong = await findUnfitDefaults(client)
  if (wrong.length === 0) return
  const found = wrong.map(({ name, value }) => `${name} = '${value}'`).join(', ')
  const remedy = wrong.map(({ name, wanted }) => `ALTER ROLE … SET ${name} = ${quoted(wanted)}`).join('; ')
  throw new GatewayError(
    'CONFIGURATION',
    `DATABASE_URL: sessions behind this pooler start with ${found}, which the gateway cannot change through the pooler: run ${remedy} for the role that connects.`,
  )
}

function quoted(value: string): string {
  return `'${value}'`
}
