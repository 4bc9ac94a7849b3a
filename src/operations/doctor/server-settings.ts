import type { ServerDetails } from '../../engine/postgres/inspect-server.ts'
import { type Finding, findingsOf } from './finding.ts'
import { countOf, identifier } from './server-rights.ts'

/** The parts of the configuration that say what the gateway asks of the server. */
export interface ServerNeeds {
  readonly poolSize: number
  readonly workers: number
  readonly statementTimeoutMs: number
  /** Whether the gateway purges a CDN. */
  readonly isPurging: boolean
}

const about = findingsOf('PostgreSQL')
/**
 * Connections of a process besides the pool: one for the invalidation log, one for /readyz, one for the history that operators read. A process
 * with PURGE_KIND has one more.
 */
const OTHER_CONNECTIONS = 3
const MAX_CLOCK_DIFFERENCE_MS = 1000
const MAX_TRANSACTION_SECONDS = 300

/** Returns findings about the state of the server, its settings, and a pooler in front of it. */
export function judgeSettings(server: ServerDetails, needs: ServerNeeds): readonly Finding[] {
  return [
    ...judgeState(server),
    ...judgePooler(server, needs),
    ...judgeConnections(server, needs),
    ...judgeDurability(server),
    ...judgeTime(server),
  ]
}

function judgeState({ isStandby, database, encoding }: ServerDetails): readonly Finding[] {
  const findings: Finding[] = []
  if (isStandby)
    findings.push(
      about('postgres-standby').error(
        'The server is a standby, and the gateway writes and must read its own writes.',
        'Set DATABASE_URL to the primary, or add ?target_session_attrs=read-write with all hosts if a proxy supports it.',
      ),
    )
  if (encoding !== 'UTF8')
    findings.push(
      about('postgres-encoding').error(
        `The database ${identifier(database)} has the encoding ${encoding}, and names in all languages need UTF8.`,
        `Create a database with: CREATE DATABASE … ENCODING 'UTF8' TEMPLATE template0;`,
      ),
    )
  return findings
}

function judgePooler({ pooler, unfitDefaults, role, statementTimeout }: ServerDetails, needs: ServerNeeds): readonly Finding[] {
  if (pooler === 'none') return []
  if (pooler === 'statement')
    return [
      about('postgres-pooler').error(
        'A pooler in statement mode is between the gateway and the server, and the gateway uses transactions.',
        'Set pool_mode = transaction (PgBouncer) for this database, or connect to the server directly.',
      ),
    ]
  const findings = unfitDefaults.map(({ name, value, wanted }) =>
    about('postgres-session-setting').error(
      `Sessions behind the pooler start with ${name} = '${value}', which the gateway cannot change through a pooler.`,
      `Run: ALTER ROLE ${identifier(role)} SET ${name} = '${wanted}'; then reconnect the pooler.`,
    ),
  )
  if (pooler === 'session') return [...findings, about('postgres-pooler').ok('A pooler in session mode is in between, which works.')]
  const works = 'A pooler in transaction mode is in between: the gateway works, but can set no statement timeout in its sessions.'
  const hasTimeout = statementTimeout !== '0'
  return [
    ...findings,
    hasTimeout
      ? about('postgres-pooler').ok('A pooler in transaction mode is in between, and the server has a statement timeout: both work.')
      : about('postgres-pooler').warning(
          works,
          `Run: ALTER ROLE ${identifier(role)} SET statement_timeout = '${needs.statementTimeoutMs}ms'; then reconnect the pooler.`,
        ),
  ]
}

function judgeConnections(server: ServerDetails, { poolSize, workers, isPurging }: ServerNeeds): readonly Finding[] {
  const others = OTHER_CONNECTIONS + (isPurging ? 1 : 0)
  const needed = workers * (poolSize + others)
  const sum = `${workers} × (${poolSize} + ${others})`
  const remedy = (raise: string) =>
    `Raise ${raise}, or lower DATABASE_POOL_SIZE or WORKERS; each further instance needs as many connections again.`
  const { maxConnections, reservedConnections, otherConnections, roleConnectionLimit, databaseConnectionLimit } = server
  const limits = [
    [roleConnectionLimit, `the connection limit of the role ${identifier(server.role)}`] as const,
    [databaseConnectionLimit, `the connection limit of the database ${identifier(server.database)}`] as const,
  ].filter(([limit]) => limit >= 0 && limit < needed)
  if (limits.length > 0)
    return limits.map(([limit, name]) =>
      about('postgres-connection-limit').error(
        `One instance opens up to ${countOf(needed, 'connection')} (${sum}), and ${name} is ${limit}.`,
        remedy(name),
      ),
    )
  // A pooler shares its few connections to the server, so its own limit counts, which only its operator knows.
  if (server.pooler !== 'none') return []
  const free = maxConnections - reservedConnections - otherConnections
  if (needed <= free)
    return [
      about('postgres-connections').ok(
        `One instance opens up to ${countOf(needed, 'connection')} (${sum}), and ${free} of ${maxConnections} are free.`,
      ),
    ]
  return [
    about('postgres-connections').error(
      `One instance opens up to ${countOf(needed, 'connection')} (${sum}), and only ${free} of max_connections = ${maxConnections} are free.`,
      remedy('max_connections'),
    ),
  ]
}

function judgeDurability({ synchronousCommit, fsync, trackCommitTimestamp, role }: ServerDetails): readonly Finding[] {
  const findings: Finding[] = []
  if (synchronousCommit === 'off')
    findings.push(
      about('postgres-synchronous-commit').error(
        'synchronous_commit is off: a crash could take back commits that were cached, so the gateway caches nothing.',
        `Run: ALTER ROLE ${identifier(role)} SET synchronous_commit = 'on'; and restart the gateway.`,
      ),
    )
  if (fsync === 'off')
    findings.push(
      about('postgres-fsync').warning(
        'fsync is off: a crash of the machine can destroy the database and lose acknowledged writes.',
        'Set fsync = on in postgresql.conf, and reload the configuration.',
      ),
    )
  if (trackCommitTimestamp === 'off')
    findings.push(
      about('postgres-commit-timestamps').ok(
        'track_commit_timestamp is off, so the invalidation lag counts from the last statement of a write; with on, it counts from COMMIT.',
      ),
    )
  return findings
}

function judgeTime({ clockDifferenceMs, oldestTransactionSeconds, oldestTransactionProcess }: ServerDetails): readonly Finding[] {
  const findings: Finding[] = []
  if (Math.abs(clockDifferenceMs) > MAX_CLOCK_DIFFERENCE_MS)
    findings.push(
      about('postgres-clock').warning(
        `The clock of the server is ${seconds(Math.abs(clockDifferenceMs))} ${clockDifferenceMs > 0 ? 'ahead of' : 'behind'} the clock of this machine.`,
        'Synchronize both clocks (chrony or systemd-timesyncd): tokens are checked by one clock, and bids expire by the other.',
      ),
    )
  if (oldestTransactionSeconds > MAX_TRANSACTION_SECONDS)
    findings.push(
      about('postgres-old-transaction').warning(
        `A transaction of the process ${oldestTransactionProcess} has been open for ${Math.round(oldestTransactionSeconds / 60)} minutes, and a migration may wait for it.`,
        `Look at it in pg_stat_activity; end it with: select pg_terminate_backend(${oldestTransactionProcess});`,
      ),
    )
  return findings
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`
}
