import type { ServerDetails } from '../../engine/postgres/inspect-server.ts'
import { compareSchema } from '../../engine/postgres/schema-compatibility.ts'
import { GatewayError } from '../../errors.ts'
import { type Finding, findingsOf } from './finding.ts'
import { countOf, identifier } from './server-rights.ts'

const about = findingsOf('PostgreSQL')

/**
 * Returns findings about what is installed in the database.
 * @param migrations Names of all migrations of this release, in order.
 */
export function judgeSchema(server: ServerDetails, migrations: readonly string[]): readonly Finding[] {
  if (server.migrations === undefined)
    return [
      about('postgres-schema').error(
        `The role ${identifier(server.role)} may not read which migrations were executed (table kysely_migration).`,
        'Connect as the role that installed the gateway.',
      ),
    ]
  const { executed } = server.migrations
  if (executed.length === 0) return [about('postgres-schema').ok('Nothing is installed yet: the first start installs the tables.')]
  try {
    const state = compareSchema(server.migrations, migrations)
    return [sentenceAbout(state, executed, migrations), ...(state === 'older' ? [] : judgeWatches(server))]
  } catch (error) {
    if (!(error instanceof GatewayError)) throw error
    const [, message = error.message, remedy = 'Start a version that knows the schema.'] =
      /^DATABASE_URL: (.*?): (start .*)$/s.exec(error.message) ?? []
    return [about('postgres-schema').error(sentence(message), sentence(remedy))]
  }
}

function sentenceAbout(state: 'newer' | 'older' | 'same', executed: readonly string[], migrations: readonly string[]): Finding {
  if (state === 'same') return about('postgres-schema').ok('The schema is the one of this version.')
  if (state === 'newer')
    return about('postgres-schema').warning(
      `The schema is newer than this version (${executed.at(-1)}), and compatible with it.`,
      'Start the newer version when the rollback is over.',
    )
  const missing = migrations.filter((name) => !executed.includes(name)).length
  return about('postgres-schema').ok(`The schema is older than this version: the next start executes ${countOf(missing, 'migration')}.`)
}

/** Returns findings about triggers. Each start repairs them, so they are wrong only until the next start. */
function judgeWatches({ unwatched, role }: ServerDetails): readonly Finding[] {
  if (unwatched === undefined)
    return [
      about('postgres-triggers').error(
        `The role ${identifier(role)} may not read the invalidation log (schema cache).`,
        'Connect as the role that installed the gateway.',
      ),
    ]
  const [first] = unwatched
  if (!first) return [about('postgres-triggers').ok('Every cached type has its invalidation triggers.')]
  return [
    about('postgres-triggers').warning(
      `${countOf(unwatched.length, 'type')} ${unwatched.length === 1 ? 'is' : 'are'} not cached, because changes would not be noticed: ${unwatched
        .map(({ type, reason }) => `${type} (${reason})`)
        .join(', ')}.`,
      'Run npm run db:migrate, or start the gateway, which installs its triggers again.',
    ),
  ]
}

function sentence(text: string): string {
  const capitalized = text.charAt(0).toUpperCase() + text.slice(1)
  return capitalized.endsWith('.') ? capitalized : `${capitalized}.`
}
