import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { systemEnv } from '#src/engine/cache/model/env.ts'
import { openMarketDatabase } from '#src/market/tables/database.ts'
import { createLogger } from '#src/operations/telemetry/logger.ts'
import { examine } from '#src/start/examine.ts'
import { migrateDatabase } from '#src/start/prepare-database.ts'
import { createDatabase, type TestDatabase } from '../../servers/database.ts'
import { createScratchRole, type ScratchRole } from './scratch-role.ts'

/** A clock with which every answer takes no time, however slow the machine is. */
const instantClock = { ...systemEnv, monotonic: () => 0 }

/** Returns the findings about PostgreSQL that are not `ok`: level, check, message and remedy. */
async function problemsOf(url: string, env: Readonly<Record<string, string>> = {}) {
  const findings = await examine({ database: undefined, redis: undefined }, { DATABASE_URL: url, ...env }, instantClock)
  return findings
    .filter(({ subject, level }) => subject === 'PostgreSQL' && level !== 'ok')
    .map(({ level, check, message, remedy }) => ({ level, check, message, remedy }))
}

/** Migrates the database as a start does. Returns whether it succeeded. */
async function canStart(url: string): Promise<boolean> {
  const handle = await openMarketDatabase({ url, poolSize: 1, statementTimeoutMs: 20_000, onError: () => undefined })
  try {
    await migrateDatabase(handle, createLogger('silent'))
    return true
  } catch {
    return false
  } finally {
    await handle.close()
  }
}

/** Grants what the remedies of `postgres-create-schema` and `postgres-create-table` say, word for word. */
async function follow(role: ScratchRole, remedies: readonly (string | undefined)[]): Promise<void> {
  for (const remedy of remedies) await role.query(/^Run as [^:]+: (.*)$/.exec(remedy ?? '')?.[1] ?? `unexpected remedy: ${remedy}`)
}

describe('tidegate doctor, for a PostgreSQL role', () => {
  it('without rights, names each missing right with the statement that grants it, and the gateway starts after these statements', async () => {
    const role = await createScratchRole()
    const problems = await problemsOf(role.url)
    expect(problems).toEqual([
      {
        level: 'error',
        check: 'postgres-create-schema',
        message: `The role "${role.name}" may not create schemas in the database "${role.name}", and the invalidation log needs the schema "cache".`,
        remedy: `Run as the owner of the database: GRANT CREATE ON DATABASE "${role.name}" TO "${role.name}";`,
      },
      {
        level: 'error',
        check: 'postgres-create-table',
        message: `The role "${role.name}" may not create tables and functions in the schema "public".`,
        remedy: `Run as the owner of the database: GRANT CREATE, USAGE ON SCHEMA public TO "${role.name}";`,
      },
      {
        level: 'warning',
        check: 'postgres-event-trigger',
        message: expect.stringContaining('may not create event triggers'),
        remedy: 'After you change one by hand, run: select cache.bump();',
      },
    ])
    expect(await canStart(role.url)).toBe(false)
    await follow(
      role,
      problems.slice(0, 2).map(({ remedy }) => remedy),
    )
    expect(await canStart(role.url)).toBe(true)
    expect((await problemsOf(role.url)).map(({ check }) => check)).toEqual(['postgres-event-trigger'])
  })

  it('that may create schemas but no tables, reports only the missing right, and the gateway does not start', async () => {
    const role = await createScratchRole()
    await role.query(`grant create on database ${role.name} to ${role.name}`)
    expect((await problemsOf(role.url)).map(({ level, check }) => [level, check])).toEqual([
      ['error', 'postgres-create-table'],
      ['warning', 'postgres-event-trigger'],
    ])
    expect(await canStart(role.url)).toBe(false)
  })

  it('that does not own the installed tables, names the owner, and the gateway does not start', async () => {
    const role = await createScratchRole()
    const other = `${role.name}_owner`
    await role.query(
      `create role ${other} login; grant create on database ${role.name} to ${other}; grant create on schema public to ${other}`,
    )
    try {
      expect(await canStart(role.url.replace(`//${role.name}@`, `//${other}@`))).toBe(true)
      await role.query(`grant create on database ${role.name} to ${role.name}; grant create on schema public to ${role.name}`)
      const problems = await problemsOf(role.url)
      expect(problems.find(({ check }) => check === 'postgres-owner')).toMatchObject({
        level: 'error',
        message: expect.stringMatching(new RegExp(`does not own \\d+ tables of the gateway, such as cache\\.\\w+ of "${other}"`)),
        remedy: `Connect as "${other}", or run as a superuser: GRANT "${other}" TO "${role.name}";`,
      })
      expect(await canStart(role.url)).toBe(false)
      await role.query(`grant ${other} to ${role.name}`)
      expect((await problemsOf(role.url)).filter(({ level }) => level === 'error')).toEqual([])
      expect(await canStart(role.url)).toBe(true)
    } finally {
      await role.query(`drop owned by ${other} cascade; drop role ${other}`)
    }
  })

  it('that may open too few connections, says how many an instance opens', async () => {
    const role = await createScratchRole('superuser login connection limit 20')
    expect(await problemsOf(role.url)).toEqual([])
    expect(await problemsOf(role.url, { WORKERS: '2' })).toEqual([
      {
        level: 'error',
        check: 'postgres-connection-limit',
        message: `One instance opens up to 26 connections (2 × (10 + 3)), and the connection limit of the role "${role.name}" is 20.`,
        remedy: expect.stringContaining('lower DATABASE_POOL_SIZE or WORKERS'),
      },
    ])
    const purging = { WORKERS: '2', PURGE_KIND: 'varnish', PURGE_URL: 'http://varnish:6081' }
    expect((await problemsOf(role.url, purging)).map(({ message }) => message)).toContainEqual(
      expect.stringContaining('28 connections (2 × (10 + 4))'),
    )
  })

  it('with synchronous_commit off, reports that nothing would be cached', async () => {
    const role = await createScratchRole('superuser login')
    await role.query(`alter role ${role.name} set synchronous_commit = off`)
    expect((await problemsOf(role.url)).map(({ level, check }) => [level, check])).toEqual([['error', 'postgres-synchronous-commit']])
  })

  it('that may not log in, or to a database that does not exist, repeats the reason of the server', async () => {
    const role = await createScratchRole('nologin')
    expect(await problemsOf(role.url)).toEqual([
      {
        level: 'error',
        check: 'postgres-connection',
        message: expect.stringContaining(`role "${role.name}" is not permitted to log in.`),
        remedy: expect.stringContaining('pg_hba.conf'),
      },
    ])
    expect(await problemsOf(inject('postgresUrl').replace(/\/[^/]*$/, '/no_such_database'))).toEqual([
      {
        level: 'error',
        check: 'postgres-connection',
        message: expect.stringContaining('database "no_such_database" does not exist.'),
        remedy: expect.stringContaining('CREATE DATABASE'),
      },
    ])
  })
})

describe('tidegate doctor, for max_connections,', () => {
  it('reports an instance that opens more connections than are free, and no smaller one', async () => {
    const role = await createScratchRole('superuser login')
    const [row] = await role.query("select current_setting('max_connections') as max")
    const problems = await problemsOf(role.url, { DATABASE_POOL_SIZE: String(row?.['max']) })
    expect(problems).toEqual([
      {
        level: 'error',
        check: 'postgres-connections',
        message: expect.stringMatching(
          /^One instance opens up to \d+ connections \(1 × \(\d+ \+ 3\)\), and only \d+ of max_connections = \d+ are free\.$/,
        ),
        remedy: expect.stringMatching(/^Raise max_connections, or lower DATABASE_POOL_SIZE/),
      },
    ])
    expect(await problemsOf(role.url, { DATABASE_POOL_SIZE: '1' })).toEqual([])
  })
})

describe('tidegate doctor, for an installed schema,', () => {
  let database: TestDatabase

  beforeAll(async () => {
    database = await createDatabase()
  })
  afterAll(() => database?.drop())

  const schemaOf = async () =>
    (await examine({ database: database.url, redis: undefined }, {}))
      .filter(({ check }) => /schema|triggers|other-tables/.test(check))
      .map(({ level, check, message }) => [level, check, message])

  it('finds nothing wrong if the schema is the one of this version', async () => {
    expect(await schemaOf()).toEqual([
      ['ok', 'postgres-schema', 'The schema is the one of this version.'],
      ['ok', 'postgres-triggers', 'Every cached type has its invalidation triggers.'],
    ])
  })

  it('reports a disabled trigger with its type, and a start repairs it', async () => {
    await database.query('alter table campaigns disable trigger "cache_Campaign_update"')
    expect(await schemaOf()).toContainEqual([
      'warning',
      'postgres-triggers',
      '1 type is not cached, because changes would not be noticed: Campaign (the trigger cache_Campaign_update on public.campaigns is disabled).',
    ])
    expect(await canStart(database.url)).toBe(true)
    expect(await schemaOf()).toContainEqual(['ok', 'postgres-triggers', 'Every cached type has its invalidation triggers.'])
  })

  it('counts the migrations that a start would execute', async () => {
    const [newest] = await database.query(
      'delete from kysely_migration where name = (select max(name) from kysely_migration) returning name, timestamp',
    )
    expect(await schemaOf()).toEqual([
      ['ok', 'postgres-schema', 'The schema is older than this version: the next start executes 1 migration.'],
    ])
    await database.query('insert into kysely_migration (name, timestamp) values ($1, $2)', [newest?.['name'], newest?.['timestamp']])
  })

  it('distinguishes a newer schema on which this version runs from one on which it does not', async () => {
    const [row] = await database.query('select max(name) as name from kysely_migration')
    await database.query(`insert into kysely_migration (name, timestamp) values ('9999-later', '2026-01-01')`)
    await database.query(`insert into kysely_compatibility (migration, runs_with) values ('9999-later', $1)`, [row?.['name']])
    expect((await schemaOf())[0]).toEqual([
      'warning',
      'postgres-schema',
      'The schema is newer than this version (9999-later), and compatible with it.',
    ])
    expect(await canStart(database.url)).toBe(true)
    await database.query(`update kysely_compatibility set runs_with = '9999-later' where migration = '9999-later'`)
    expect(await schemaOf()).toEqual([
      ['error', 'postgres-schema', "This version does not run on the database's schema, which a newer one changed (9999-later)."],
    ])
    expect(await canStart(database.url)).toBe(false)
    await database.query(`delete from kysely_migration where name = '9999-later'`)
    await database.query(`delete from kysely_compatibility where migration = '9999-later'`)
  })

  it('reports tables of another program whose names the gateway uses', async () => {
    const role = await createScratchRole('superuser login')
    await role.query('create table campaigns (id int)')
    expect((await problemsOf(role.url)).map(({ level, check, message }) => [level, check, message])).toEqual([
      [
        'error',
        'postgres-other-tables',
        'The database has 1 table with names that the gateway uses, such as public.campaigns, but no migrations of the gateway.',
      ],
    ])
    expect(await canStart(role.url)).toBe(false)
  })
})

describe('tidegate doctor, for an address that does not answer,', () => {
  it('reports the refused connections to PostgreSQL and to Redis, and never repeats a password', async () => {
    const findings = await examine(
      { database: 'postgres://me:hunter2@127.0.0.1:1/x', redis: 'redis://me:hunter2@127.0.0.1:1' },
      { NODE_ENV: 'test' },
    )
    expect(findings.filter(({ level }) => level === 'error').map(({ check, message }) => [check, message])).toEqual([
      ['postgres-connection', 'The server at 127.0.0.1:1 cannot be reached (ECONNREFUSED).'],
      ['redis-connection', 'Redis at 127.0.0.1:1 cannot be reached (ECONNREFUSED).'],
    ])
    expect(JSON.stringify(findings)).not.toContain('hunter2')
  })

  it('reports each wrong variable with its remedy, and checks the database even so', async () => {
    const findings = await examine(
      { database: 'postgres://127.0.0.1:1/x', redis: undefined },
      {
        PORT: 'http',
        NODE_ENV: 'production',
        CACHE_SECRET: 'short',
        CALLER_HASH_KEY: 'a caller hash key of enough length',
        JWT_SECRET: '',
      },
    )
    expect(findings.map(({ subject, level, message }) => [subject, level, message])).toEqual([
      ['Configuration', 'error', 'PORT: expected a port from 0 (any free one) to 65535, got "http".'],
      ['Configuration', 'error', 'CACHE_SECRET: expected at least 32 characters.'],
      ['PostgreSQL', 'error', 'The server at 127.0.0.1:1 cannot be reached (ECONNREFUSED).'],
      ['Redis', 'ok', expect.stringContaining('REDIS_URL is not set')],
    ])
  })
})
