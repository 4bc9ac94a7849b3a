import { readFile } from 'node:fs/promises'
import { type Config, ConfigurationError, readConfig } from '../config/config.ts'
import { type VariableName, variables } from '../config/variables.ts'
import { type Env, systemEnv } from '../engine/cache/model/env.ts'
import { readMigrations } from '../engine/postgres/read-migrations.ts'
import { marketEntities } from '../market/modules/index.ts'
import { MIGRATIONS } from '../market/tables/database.ts'
import type { DoctorTargets } from '../operations/cli/commands/doctor.ts'
import { checkDatabase } from '../operations/doctor/check-database.ts'
import { checkRedis } from '../operations/doctor/check-redis.ts'
import { type Finding, findingsOf } from '../operations/doctor/finding.ts'

type Environment = Readonly<Record<string, string | undefined>>

const about = findingsOf('Configuration')

/** Checks the configuration, and the database and the Redis that it names. Changes nothing, and needs no running gateway. */
export async function examine(
  targets: DoctorTargets,
  env: Environment,
  clock: Pick<Env, 'now' | 'monotonic' | 'setTimer'> = systemEnv,
): Promise<readonly Finding[]> {
  const { config, findings } = readForExamination({
    ...env,
    ...(targets.database === undefined ? {} : { DATABASE_URL: targets.database }),
    ...(targets.redis === undefined ? {} : { REDIS_URL: targets.redis }),
  })
  const { workers } = config.server
  const authority = await readAuthority(config.redis?.caFile)
  const [database, redis] = await Promise.all([
    checkDatabase(
      {
        ...config.database,
        workers,
        isPurging: config.purging !== undefined,
        entities: marketEntities(),
        migrations: Object.keys(await readMigrations(MIGRATIONS)),
      },
      clock,
    ),
    'finding' in authority
      ? [authority.finding]
      : checkRedis(
          {
            url: config.redis?.url,
            ca: authority.ca,
            prefix: config.redis?.prefix ?? '',
            commandTimeoutMs: config.redis?.commandTimeoutMs ?? 0,
            workers,
          },
          clock,
        ),
  ])
  return [...findings, ...database, ...redis]
}

/**
 * Reads the configuration. A variable whose value is wrong becomes a finding, and has its default value in the configuration, so that the
 * database and Redis are checked even so.
 */
function readForExamination(env: Environment): { readonly config: Config; readonly findings: readonly Finding[] } {
  try {
    return { config: readConfig(env), findings: [about('configuration').ok('All variables have valid values.')] }
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error
    const lines = error.message.split('\n')
    const findings = lines.map((line) => {
      const [, problem = line, remedy = 'docs/configuration.md lists the values.'] = /^(.*?: .*?): (.*)$/s.exec(line) ?? []
      return about('configuration').error(sentence(problem), sentence(remedy.charAt(0).toUpperCase() + remedy.slice(1)))
    })
    const wrong = new Set(lines.flatMap((line) => line.slice(0, line.indexOf(':')).split(', ')))
    return { config: readConfig(connectionsOnly(env, wrong)), findings }
  }
}

/** Returns the valid variables that say how the database and Redis are reached. */
function connectionsOnly(env: Environment, wrong: ReadonlySet<string>): Environment {
  const names = (Object.keys(variables) as VariableName[]).filter((name) => ['Database', 'Redis'].includes(variables[name].group))
  const kept = Object.fromEntries([...names, 'WORKERS'].filter((name) => !wrong.has(name)).map((name) => [name, env[name]]))
  return kept['DATABASE_URL'] ? kept : { ...kept, WORKERS: undefined }
}

async function readAuthority(file: string | undefined): Promise<{ readonly ca: string | undefined } | { readonly finding: Finding }> {
  if (file === undefined) return { ca: undefined }
  try {
    return { ca: await readFile(file, 'utf8') }
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : error
    return {
      finding: findingsOf('Redis')('redis-certificate').error(
        `The file ${file} (REDIS_CA_FILE) cannot be read (${code}).`,
        'Correct REDIS_CA_FILE, or make the file readable for this user.',
      ),
    }
  }
}

function sentence(text: string): string {
  return text.endsWith('.') ? text : `${text}.`
}
