import pg from 'pg'
import { inject, onTestFinished } from 'vitest'

export interface ScratchRole {
  readonly name: string
  readonly database: string
  /** URL of the database for the role. */
  readonly url: string
  /** Runs a statement as the superuser, in the database. */
  query(statement: string): Promise<Record<string, unknown>[]>
}

let created = 0

/**
 * Creates an empty database, and a role without any right except the usual ones of every role. Both are dropped when the test is finished.
 */
export async function createScratchRole(options = 'login'): Promise<ScratchRole> {
  const server = inject('postgresUrl')
  const name = `tidegate_test_${process.pid}_doctor_${created++}`
  const administrator = new pg.Client({ connectionString: server })
  await administrator.connect()
  await administrator.query(`create role ${name} ${options}`)
  await administrator.query(`create database ${name} template template0 encoding 'UTF8'`)
  const inside = new pg.Client({ connectionString: withPath(server, name).href })
  await inside.connect()
  onTestFinished(async () => {
    await inside.end()
    await administrator.query(`drop database if exists ${name} with (force)`)
    await administrator.query(`drop role if exists ${name}`)
    await administrator.end()
  })
  const url = withPath(server, name)
  url.username = name
  return { name, database: name, url: url.href, query: async (statement) => (await inside.query(statement)).rows }
}

function withPath(url: string, database: string): URL {
  const changed = new URL(url)
  changed.pathname = `/${database}`
  return changed
}
