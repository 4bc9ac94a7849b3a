import type { ServerDetails } from '../../engine/postgres/inspect-server.ts'
import { type Finding, findingsOf } from './finding.ts'

const about = findingsOf('PostgreSQL')

/** Returns findings about the rights of the role: it installs the tables, the log and the triggers, so it must own them. */
export function judgeRights(server: ServerDetails): readonly Finding[] {
  return [...judgeCreation(server), ...judgeOwnership(server), ...judgeFunctions(server), ...judgeEventTrigger(server)]
}

function judgeCreation({ database, role, canCreateSchemas, canCreateInPublic, hasLog, canUsePlpgsql }: ServerDetails): readonly Finding[] {
  const findings: Finding[] = []
  const [quotedRole, quotedDatabase] = [identifier(role), identifier(database)]
  if (!canCreateSchemas && !hasLog)
    findings.push(
      about('postgres-create-schema').error(
        `The role ${quotedRole} may not create schemas in the database ${quotedDatabase}, and the invalidation log needs the schema "cache".`,
        `Run as the owner of the database: GRANT CREATE ON DATABASE ${quotedDatabase} TO ${quotedRole};`,
      ),
    )
  if (canCreateInPublic === null)
    findings.push(
      about('postgres-public-schema').error(
        `The database ${quotedDatabase} has no schema "public", which holds the gateway's tables.`,
        `Run as the owner of the database: CREATE SCHEMA public AUTHORIZATION ${quotedRole};`,
      ),
    )
  if (canCreateInPublic === false)
    findings.push(
      about('postgres-create-table').error(
        `The role ${quotedRole} may not create tables and functions in the schema "public".`,
        `Run as the owner of the database: GRANT CREATE, USAGE ON SCHEMA public TO ${quotedRole};`,
      ),
    )
  if (!canUsePlpgsql)
    findings.push(
      about('postgres-plpgsql').error(
        `The role ${quotedRole} may not use the language plpgsql, in which the functions of the invalidation log are written.`,
        `Run as a superuser: CREATE EXTENSION IF NOT EXISTS plpgsql; GRANT USAGE ON LANGUAGE plpgsql TO ${quotedRole};`,
      ),
    )
  return findings.length > 0 ? findings : [about('postgres-rights').ok(`The role ${quotedRole} may create what the gateway installs.`)]
}

function judgeOwnership({ role, foreignTables, ownTables, hasMigrations }: ServerDetails): readonly Finding[] {
  const [foreign] = foreignTables
  if (foreign)
    return [
      about('postgres-owner').error(
        `The role ${identifier(role)} does not own ${countOf(foreignTables.length, 'table')} of the gateway, such as ${foreign.name} of ${identifier(foreign.owner)}, so it cannot migrate them.`,
        `Connect as ${identifier(foreign.owner)}, or run as a superuser: GRANT ${identifier(foreign.owner)} TO ${identifier(role)};`,
      ),
    ]
  if (!hasMigrations && ownTables.length > 0)
    return [
      about('postgres-other-tables').error(
        `The database has ${countOf(ownTables.length, 'table')} with names that the gateway uses, such as ${ownTables[0]}, but no migrations of the gateway.`,
        'Set DATABASE_URL to an empty database, or move those tables to another schema.',
      ),
    ]
  return []
}

function judgeFunctions({ role, forbiddenFunctions }: ServerDetails): readonly Finding[] {
  if (forbiddenFunctions.length === 0) return []
  return [
    about('postgres-functions').error(
      `The role ${identifier(role)} may not call ${forbiddenFunctions.join(', ')}, which the invalidation log calls to notice a restore.`,
      `Run as a superuser: GRANT EXECUTE ON FUNCTION ${forbiddenFunctions.join(', ')} TO ${identifier(role)};`,
    ),
  ]
}

function judgeEventTrigger({ role, isSuperuser, hasEventTrigger }: ServerDetails): readonly Finding[] {
  if (hasEventTrigger || isSuperuser) return []
  return [
    about('postgres-event-trigger').warning(
      `The role ${identifier(role)} may not create event triggers, so changes of enumerations, functions, views and policies void nothing.`,
      'After you change one by hand, run: select cache.bump();',
    ),
  ]
}

/** Returns a name as an identifier in SQL. */
export function identifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}

/** Returns a number with its noun, such as `1 table` or `2 tables`. */
export function countOf(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`
}
