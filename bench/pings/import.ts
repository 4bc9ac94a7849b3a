import { createWriteStream } from 'node:fs'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { setTimeout as pause } from 'node:timers/promises'
import pg from 'pg'
import { type CommandResult, runImport } from '../../test/import/import-command.ts'
import { type Figures, figuresOf } from './figures.ts'
import { type Exchange, sendPings } from './load.ts'
import { isListed, LIST, listedCallers } from './market.ts'
import { Observer } from './observer.ts'
import type { BenchOptions } from './options.ts'
import { HASH_KEY, type Place, startPlace } from './place.ts'
import { figuresTable } from './text.ts'
import { loadParams } from './turns.ts'

export interface ImportFigures {
  readonly listed: number
  readonly before: Figures
  readonly during: Figures
  readonly after: Figures
  /** During an import of a file whose last line is wrong. */
  readonly refused: Figures
  readonly seconds: number
  readonly refusedSeconds: number
  /** Largest resident memory of the import, bytes. */
  readonly residentBytes: number
  /** Answers that contradict the version of the list that their decision names. */
  readonly contradictions: number
  /** Pings that were decided with the old version and with the new one, during the import. */
  readonly byVersion: Readonly<Record<string, number>>
  /** Whether the refused file left the list as it was. */
  readonly isUnchanged: boolean
  /** Output of the two import commands. */
  readonly printed: readonly string[]
}

const WARM_UP_MS = 10_000

/** Writes the largest resident size of the process, KiB, to the file in MEMORY_FILE when the process ends. */
const METER = `data:text/javascript,${encodeURIComponent(`
  import { writeFileSync } from 'node:fs'
  process.on('exit', () => writeFileSync(process.env.MEMORY_FILE, String(process.resourceUsage().maxRSS)))
`)}`

/** Measures pings before, during and after the import of a do-not-call list in place of one of the same size. */
export async function measureImport(options: BenchOptions, onProgress: (line: string) => void): Promise<ImportFigures> {
  const { buyers, strategy, listed, seconds } = options
  const folder = await mkdtemp(join(tmpdir(), 'tidegate-pings-'))
  let place: Place | undefined
  let observer: Observer | undefined
  try {
    place = await startPlace({ buyers, strategy, listed: listedCallers(1, listed) })
    observer = await Observer.open(place)
    const [right, wrong] = [join(folder, 'right'), join(folder, 'wrong')]
    await writeList(right, listedCallers(2, listed))
    await writeList(wrong, [...listedCallers(3, listed), 'no number'])
    const params = await loadParams(place, 'ruled', options)
    const exchanges: Exchange[] = []
    const measure = async <Result>(title: string, work: () => Promise<Result>) => {
      const startedAt = performance.now()
      const working = work()
      const observed = await (observer as Observer).during(() => sendPings(params, working))
      const tookSeconds = (performance.now() - startedAt) / 1000
      exchanges.push(...observed.result.exchanges)
      const figures = figuresOf(observed.result, observed, tookSeconds)
      onProgress(`${title}: ${tookSeconds.toFixed(0)} s, p50 ${figures.p50.toFixed(1)} ms, p99 ${figures.p99.toFixed(1)} ms`)
      return { figures, result: await working, exchanges: observed.result.exchanges }
    }
    const take = (path: string) => importFile(place as Place, path, join(folder, 'memory'))
    await sendPings(params, pause(WARM_UP_MS))
    const before = await measure('before the import', () => pause(seconds * 1000))
    const during = await measure('during the import', () => take(right))
    const residentBytes = 1024 * Number(await readFile(join(folder, 'memory'), 'utf8'))
    const after = await measure('after the import', () => pause(seconds * 1000))
    const stored = await readLists(place)
    const refused = await measure('during the import of a wrong file', () => take(wrong))
    return {
      listed,
      before: before.figures,
      during: during.figures,
      after: after.figures,
      refused: refused.figures,
      seconds: during.result.seconds,
      refusedSeconds: refused.result.seconds,
      residentBytes,
      contradictions: exchanges.filter(contradicts).length,
      byVersion: countVersions(during.exchanges),
      isUnchanged: stored === (await readLists(place)),
      printed: [during, refused].map(({ result }) => `${result.stdout}${result.stderr}`.trim()),
    }
  } finally {
    await observer?.close()
    await place?.stop()
    await rm(folder, { recursive: true, force: true })
  }
}

export function importText(figures: ImportFigures): string {
  const { listed, before, during, after, refused, seconds, refusedSeconds, residentBytes, contradictions, byVersion, isUnchanged } = figures
  const columns = [
    ['before', [before]],
    ['during the import', [during]],
    ['after', [after]],
    ['during the import of a wrong file', [refused]],
  ] as const
  const versions = Object.entries(byVersion).map(([version, count]) => `${version} ${count}`)
  return [
    `\nA do-not-call list of ${listed} callers is replaced`,
    `\n${figuresTable(columns)}`,
    `p99 during the import: ${(during.p99 / before.p99).toFixed(2)} times the one before`,
    `import: ${seconds.toFixed(1)} s, ${(residentBytes / 2 ** 20).toFixed(0)} MiB; wrong file: ${refusedSeconds.toFixed(1)} s, list ${isUnchanged ? 'unchanged' : 'CHANGED'}`,
    `pings by version of the list during the import: ${versions.join(', ')}; answers that contradict their version: ${contradictions}`,
    ...figures.printed,
  ].join('\n')
}

async function writeList(path: string, callers: Iterable<string>): Promise<void> {
  const lines = function* () {
    for (const caller of callers) yield `${caller}\n`
  }
  await pipeline(Readable.from(lines()), createWriteStream(path))
}

async function importFile(place: Place, path: string, memoryFile: string): Promise<CommandResult & { readonly seconds: number }> {
  const startedAt = performance.now()
  const env = {
    DATABASE_URL: place.databaseUrl,
    CALLER_HASH_KEY: HASH_KEY,
    JWT_SECRET: HASH_KEY,
    CACHE_SECRET: HASH_KEY,
    MEMORY_FILE: memoryFile,
  }
  const result = await runImport([path, '--list', LIST], env, ['--import', METER])
  return { ...result, seconds: (performance.now() - startedAt) / 1000 }
}

/** Returns the version and the number of entries of the list in use, and the number of entries that are stored in all. */
async function readLists({ databaseUrl }: Place): Promise<string> {
  const client = new pg.Client({ connectionString: databaseUrl })
  await client.connect()
  try {
    const { rows } = await client.query('select name, version, entries, (select count(*) from dnc_entries) as stored from dnc_lists')
    return JSON.stringify(rows)
  } finally {
    await client.end()
  }
}

/** Returns whether an answer is not the one of the version that its decision names. */
function contradicts({ kind, caller, outcome, dncVersions }: Exchange): boolean {
  const version = versionOf(dncVersions)
  if (kind !== 'ping' || version === undefined) return false
  // Suppression comes before the list.
  return outcome !== 'SUPPRESSED' && (outcome === 'DNC') !== isListed(version, caller)
}

function versionOf(dncVersions: string | null): number | undefined {
  return dncVersions === null ? undefined : Number(dncVersions.split(':')[1])
}

function countVersions(exchanges: readonly Exchange[]): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {}
  for (const { dncVersions } of exchanges) if (dncVersions !== null) counts[dncVersions] = (counts[dncVersions] ?? 0) + 1
  return counts
}
