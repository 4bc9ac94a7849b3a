import { readFile } from 'node:fs/promises'
import { cpus } from 'node:os'
import { join } from 'node:path'
import { Redis } from 'ioredis'
import pg from 'pg'
import { type Row, rounded } from '../cache/measure.ts'
import { table } from '../cache/table.ts'
import type { Place } from './database.ts'
import type { Mix } from './mix.ts'
import { type Latencies, OPEN_RATE } from './open-model.ts'
import type { CaseResult } from './pairing.ts'
import { needlessText } from './reloads.ts'
import { STAMPEDE_LOAD_MS, STAMPEDE_REQUESTS, type Stampede } from './stampede.ts'

/** Machine, date and versions with which the benchmark ran. */
export interface Circumstances {
  readonly date: string
  readonly machine: string
  /** Versions, by name of the program or package. */
  readonly versions: Readonly<Record<string, string>>
}

const ROOT = join(import.meta.dirname, '../..')
const PACKAGES = ['@apollo/server', 'fastify', 'graphql', 'pg']
const PEERS = [
  '@apollo/server-plugin-response-cache',
  'graphql-yoga',
  '@graphql-yoga/plugin-response-cache',
  'mercurius',
  'graphql-jit',
  'mercurius-cache',
]

export async function readCircumstances({ databaseUrl, redisUrl }: Place): Promise<Circumstances> {
  const installed = async (folder: string, name: string) =>
    [name, JSON.parse(await readFile(join(folder, 'node_modules', name, 'package.json'), 'utf8')).version as string] as const
  const packages = await Promise.all([
    ...PACKAGES.map((name) => installed(ROOT, name)),
    ...PEERS.map((name) => installed(join(ROOT, 'bench/peers'), name)),
  ])
  const client = new pg.Client({ connectionString: databaseUrl })
  await client.connect()
  const { rows } = await client.query<{ server_version: string }>('show server_version')
  await client.end()
  const redis = new Redis(redisUrl)
  const about = await redis.info('server')
  redis.disconnect()
  return {
    date: new Date().toISOString().slice(0, 10),
    machine: `${cpus().length} cores, ${cpus()[0]?.model ?? 'unknown'}`,
    versions: {
      node: process.versions.node,
      PostgreSQL: rows[0]?.server_version.split(' ')[0] ?? '',
      Redis: /redis_version:(\S+)/.exec(about)?.[1] ?? '',
      ...Object.fromEntries(packages),
    },
  }
}

export function circumstancesText({ date, machine, versions }: Circumstances): string {
  const named = Object.entries(versions).map(([name, version]) => `${name} ${version}`)
  return `${date}; ${machine}; ${named.join(', ')}.\n`
}

export function caseText({ case: name, bytes, servers }: CaseResult): string {
  const rows: Row[] = servers.map((server) => ({
    server: server.name,
    'requests/s': Math.round(server.requestsPerSecond).toLocaleString('en'),
    'of the limit': server.ratio.toFixed(3),
    'lowest to highest': `${server.lowestRatio.toFixed(3)} to ${server.highestRatio.toFixed(3)}`,
    'p50 ms': rounded(server.p50),
    'p99 ms': rounded(server.p99),
    'CPU us': rounded(server.cpu),
    'requests per core-second': Math.round(1e6 / server.cpu).toLocaleString('en'),
  }))
  return `\n### ${name}, ${bytes} bytes\n\n${table(rows)}`
}

export function mixText(mix: Mix): string {
  const title = `${mix.reads} reads and ${mix.writes} writes on ${mix.processes} processes`
  const row = {
    'requests/s': Math.round(mix.requestsPerSecond),
    'reads from the cache': `${(mix.hitRatio * 100).toFixed(1)} %`,
    'read p50 ms': rounded(mix.readMs.p50),
    'read p99 ms': rounded(mix.readMs.p99),
    'write p50 ms': rounded(mix.writeMs.p50),
    'write p99 ms': rounded(mix.writeMs.p99),
    'stale with token': mix.violationsWithToken,
    'stale without token': mix.violationsWithoutToken,
  }
  const { rows, fields, answers } = mix.reloads
  const needless = {
    'needless reloads of rows': needlessText(rows),
    'of fields': needlessText(fields),
    'of answers': needlessText(answers),
    "last month's report from the cache": `${(mix.reportHitRatio * 100).toFixed(1)} %`,
  }
  return `\n### mix: ${title}\n\n${table([row])}\n${table([needless])}`
}

export function openModelText(latencies: readonly Latencies[]): string {
  const rows: Row[] = latencies.map(({ name, p50, p99, p999 }) => ({
    server: name,
    'p50 ms': rounded(p50),
    'p99 ms': rounded(p99),
    'p99.9 ms': rounded(p999),
  }))
  return `\n### open model: ${OPEN_RATE} requests/s for the list, from the moment at which each was due\n\n${table(rows)}`
}

export function stampedeText(stampedes: readonly Stampede[]): string {
  const rows: Row[] = stampedes.map(({ name, processes, loads, lastMs, wrong }) => ({
    server: name,
    processes,
    loads: [...new Set(loads)].sort((a, b) => a - b).join(', '),
    'last answer ms': rounded(lastMs),
    'wrong answers': wrong,
  }))
  return `\n### stampede: ${STAMPEDE_REQUESTS} requests for a list that takes ${STAMPEDE_LOAD_MS} ms more to load\n\n${table(rows)}`
}
