import type { Entity } from '../../engine/cache/model/entity.ts'
import { DatabaseUnavailableError, sqlState } from '../../engine/postgres/failure.ts'
import { type InspectServerOptions, inspectServer, type ServerInspection } from '../../engine/postgres/inspect-server.ts'
import { judgeSchema } from './database-schema.ts'
import { type Finding, findingsOf } from './finding.ts'
import { judgeRights } from './server-rights.ts'
import { judgeSettings, type ServerNeeds } from './server-settings.ts'

export interface DatabaseCheck extends ServerNeeds {
  /** Connection string; undefined if the embedded database is used. */
  readonly url: string | undefined
  readonly entities: readonly Entity[]
  /** Names of the migrations of this release, in order. */
  readonly migrations: readonly string[]
}

const about = findingsOf('PostgreSQL')
const MIN_VERSION = 150_000
const MAX_ROUND_TRIP_MS = 10
const STATEMENT_DEADLINE_MS = 5000

/** Checks the database that the gateway would use, and changes nothing. */
export async function checkDatabase(
  check: DatabaseCheck,
  clock: Pick<InspectServerOptions, 'now' | 'monotonic'>,
): Promise<readonly Finding[]> {
  const { url, entities } = check
  if (url === undefined)
    return [about('postgres-embedded').ok('DATABASE_URL is not set: one process uses an embedded database, for development.')]
  try {
    const server = await inspectServer({ ...clock, url, entities, minVersion: MIN_VERSION, deadlineMs: STATEMENT_DEADLINE_MS })
    return judge(server, check)
  } catch (error) {
    return [explainConnection(error, url)]
  }
}

function judge({ version, roundTripMs, details }: ServerInspection, check: DatabaseCheck): readonly Finding[] {
  if (details === undefined)
    return [
      about('postgres-version').error(
        `PostgreSQL ${version} is too old: expected version 15 or newer.`,
        'Upgrade the server (pg_upgrade), or set DATABASE_URL to a newer one.',
      ),
    ]
  return [
    roundTripMs > MAX_ROUND_TRIP_MS
      ? about('postgres-latency').warning(
          `PostgreSQL ${version} answers in ${roundTripMs.toFixed(1)} ms, and each value that is loaded waits at least that long.`,
          'Run the gateway in the same zone as the database.',
        )
      : about('postgres-version').ok(`PostgreSQL ${version} answers in ${roundTripMs.toFixed(1)} ms.`),
    ...judgeSettings(details, check),
    ...judgeRights(details),
    ...judgeSchema(details, check.migrations),
  ]
}

/** Remedies by SQLSTATE, for a server that refuses the connection. */
const REFUSALS: Readonly<Record<string, string>> = {
  '28000': 'Add a line for this user, database and address to pg_hba.conf, and reload the configuration.',
  '28P01': 'Correct the user and the password in DATABASE_URL; characters such as @ and / must be percent-encoded.',
  '3D000': 'Create the database (CREATE DATABASE …), or correct its name in DATABASE_URL.',
  '42501': 'Grant the right: GRANT CONNECT ON DATABASE … TO …;',
  '53300': 'Close connections of other programs, or raise max_connections.',
  '57P03': 'Wait until the server has started or recovered: its log says what it does.',
  '08P01': 'Look into the log of the pooler: it refused the connection.',
}

function explainConnection(error: unknown, url: string): Finding {
  const where = URL.canParse(url) ? `${new URL(url).host}` : 'the address in DATABASE_URL'
  const state = sqlState(error)
  if (state !== undefined && error instanceof Error)
    return about('postgres-connection').error(
      `The server at ${where} refused the connection: ${error.message}.`,
      REFUSALS[state] ?? 'Correct DATABASE_URL, or what the message names on the server.',
    )
  const cause = error instanceof DatabaseUnavailableError && error.cause instanceof Error ? error.cause : error
  const reason = cause instanceof Error ? codeOf(cause) : String(cause)
  return about('postgres-connection').error(`The server at ${where} cannot be reached (${reason}).`, remedyFor(reason))
}

function codeOf(error: Error): string {
  return 'code' in error && typeof error.code === 'string' ? error.code : error.message
}

function remedyFor(reason: string): string {
  if (reason === 'ECONNREFUSED') return 'Start PostgreSQL, or correct the host and the port in DATABASE_URL.'
  if (reason === 'ENOTFOUND' || reason === 'EAI_AGAIN') return 'Correct the host name in DATABASE_URL, or the name service of this machine.'
  if (/ssl|certificate|CERT|self.signed/i.test(reason))
    return 'Correct sslmode in DATABASE_URL; for a certificate of your own add &sslrootcert=/path/to/ca.pem.'
  if (/timeout|ETIMEDOUT|did not answer/i.test(reason))
    return 'Open the port in the firewall between this machine and the server, or correct the address in DATABASE_URL.'
  return 'Correct DATABASE_URL: postgres://user:password@host:port/database.'
}
