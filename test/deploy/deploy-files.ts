import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse, parseAllDocuments } from 'yaml'
import { type Config, readConfig } from '#src/config/config.ts'
import type { Variable } from '#src/config/variable-kinds.ts'
import { variables } from '#src/config/variables.ts'

export const root = join(import.meta.dirname, '../..')

/** Texts of files, by their path in the repository. */
export type Files = Readonly<Record<string, string>>

/** A part of a YAML file. The schemas say what it may contain, so the checks read it without a type. */
// biome-ignore lint/suspicious/noExplicitAny: see above
export type Yaml = any

/** Reads all files that match the patterns. */
export function readFiles(...patterns: readonly string[]): Files {
  const paths = globSync(patterns, { cwd: root, exclude: (path) => path.startsWith('node_modules') })
  return Object.fromEntries(paths.filter((path) => /\.\w+$/.test(path)).map((path) => [path, readFileSync(join(root, path), 'utf8')]))
}

/** Parses a YAML file with one document. `<<` merges, as in Compose. */
export function yamlOf(files: Files, path: string): Yaml {
  return parse(files[path] ?? '', { merge: true })
}

/** Parses a YAML file with any number of documents. */
export function documentsOf(text: string): readonly Yaml[] {
  return parseAllDocuments(text).flatMap((document) => {
    if (document.errors[0]) throw document.errors[0]
    const value: Yaml = document.toJS()
    return value === null ? [] : [value]
  })
}

/** Returns the variables `NAME=value` of a file, one on each line. */
export function variablesOf(text: string): Readonly<Record<string, string>> {
  return Object.fromEntries([...text.matchAll(/^([A-Z_]+)=(.*)$/gm)].map(([, name, value]) => [name, value] as [string, string]))
}

/** Variables of the programs that run the gateway, not of the gateway. */
const OF_NODE = ['NODE_OPTIONS']
const SECRET = 's'.repeat(32)
const SECRETS = { DATABASE_URL: 'postgres://me@database/tidegate', JWT_SECRET: SECRET, CACHE_SECRET: SECRET, CALLER_HASH_KEY: SECRET }

/** Returns what is wrong about the variables that a gateway gets: names that it does not know, and values that it refuses. */
export function wrongVariables(env: Readonly<Record<string, string>>): readonly string[] {
  const unknown = Object.keys(env).filter((name) => !(name in variables) && !OF_NODE.includes(name))
  const text = Object.entries(env).filter(([, value]) => typeof value !== 'string')
  const config = configOf(env)
  return [
    ...[...unknown, ...text.map(([name]) => name)].map((name) => `${name} is no variable of the gateway, or its value is no text.`),
    ...(typeof config === 'string' ? [config] : []),
  ]
}

/** Times of a gateway with these variables, s. They are 0 if the gateway refuses the variables. */
export function timesOf(env: Readonly<Record<string, string>>): { readonly drain: number; readonly stop: number; readonly query: number } {
  const config = configOf({ NODE_ENV: 'production', ...env })
  if (typeof config === 'string') return { drain: 0, stop: 0, query: 0 }
  const { drainMs, shutdownTimeoutMs } = config.server
  return { drain: drainMs / 1000, stop: (2 * drainMs + shutdownTimeoutMs) / 1000, query: config.limits.executionTimeoutMs / 1000 }
}

/** Returns the configuration of a gateway with these variables, or the message of the error. */
function configOf(env: Readonly<Record<string, string>>): Config | string {
  try {
    return readConfig({ ...SECRETS, ...env })
  } catch (error) {
    return (error as Error).message
  }
}

const byDefault = (name: keyof typeof variables) => Number((variables[name] as Variable).default)

/** Resident memory of a process with the default sizes, MiB: the sum of docs/operations.md, Memory. */
export const PROCESS_MIB =
  384 + (2 * (byDefault('CACHE_MEMORY_BYTES') + byDefault('REQUEST_MEMORY_BYTES') + byDefault('LIVE_MAX_BYTES'))) / 2 ** 20
/** Memory of its container, which also holds the running operations, MiB. */
export const CONTAINER_MIB = PROCESS_MIB + Math.floor((byDefault('MAX_CONCURRENT_COST') * 1024) / 2 ** 20)
/** Connections of a process to PostgreSQL: its pool, one for the log, and one for /readyz. */
export const CONNECTIONS = byDefault('DATABASE_POOL_SIZE') + 2
export const PORT = byDefault('PORT')
