import { percent } from '../../history/rates.ts'
import { aboutOf, gainOf, sizeText } from './advice-figures.ts'
import type { AdviceOptions, Recommendation } from './advice-options.ts'

/** Share of all reads from which misses get a recommendation: 0.1 points. */
const MIN_EVICTED_SHARE = 0.001
const MIN_COLD_SHARE = 0.001
const MIB = 1024 ** 2

/** Returns what to change in the configuration. @param total Reads of all fields. */
export function settingAdvice(total: number, options: AdviceOptions): readonly Recommendation[] {
  return [...memoryAdvice(total, options), ...warmingAdvice(total, options), ...loadsAdvice(total, options)]
}

/** Values that are evicted before their next read would stay for at most their TTL in memory, which says how much memory they need at most. */
function memoryAdvice(total: number, options: AdviceOptions): readonly Recommendation[] {
  const { fields, falls, memoryBytes } = options
  const evicted = sumOf(fields, 'evicted')
  const isNamed = falls.some(({ cause }) => cause === 'evicted') && evicted > 0
  if (evicted / total < MIN_EVICTED_SHARE && !isNamed) return []
  const needed = neededBytes(options)
  const more = needed === null ? memoryBytes : Math.min(memoryBytes, Math.ceil(needed / MIB) * MIB)
  const why =
    needed === null
      ? 'How much they need is not known, because the memory of the process that answers is empty.'
      : `They need up to ${sizeText(needed)} more in each process, if each stays until its TTL ends.${needed > more ? ' Double the memory first, and look again.' : ''}`
  return [
    {
      code: 'more-memory',
      subject: 'CACHE_MEMORY_BYTES',
      finding: `${percent(evicted / total)} of the reads of all fields miss because the value was evicted from memory.`,
      evidence: { reads: total, evicted, memoryBytes, ...(needed === null ? {} : { neededBytes: Math.round(memoryBytes + needed) }) },
      change: `Raise CACHE_MEMORY_BYTES from ${sizeText(memoryBytes)} to ${sizeText(memoryBytes + more)}. ${why}`,
      snippets: [{ where: 'in the environment of each process', text: `CACHE_MEMORY_BYTES=${memoryBytes + more}` }],
      gain: gainOf('Up to', evicted, total),
      cost: { amount: more, unit: 'bytes', text: `${sizeText(more)} more memory for each process.` },
      about: aboutOf('evicted', evicted, total),
    },
  ]
}

/** Returns the memory that the evicted values would take in one process at most; null if the size of an entry is not known. */
function neededBytes({ fields, rangeMs, ruleOf, entryBytes, processes }: AdviceOptions): number | null {
  if (entryBytes === null) return null
  const perSecond = (count: number) => (1000 * count) / Math.max(1, rangeMs)
  const entries = fields.reduce((sum, { field, misses }) => sum + perSecond(misses.evicted) * (ruleOf(field)?.values['l1'] ?? 0), 0)
  return (entries * entryBytes) / Math.max(1, processes.alive)
}

/** First reads after a start or a reset can be warmed. With warming on, only a fall that first reads caused is worth a change. */
function warmingAdvice(total: number, { fields, falls, isWarming }: AdviceOptions): readonly Recommendation[] {
  const fall = falls.find(({ cause }) => cause === 'cold')
  const cold = sumOf(fields, 'cold')
  if (cold === 0 || (!fall && (isWarming || cold / total < MIN_COLD_SHARE))) return []
  return [
    {
      code: 'warm-up',
      subject: 'WARMING',
      finding: fall
        ? `The field hit rate fell because ${fall.field} was read for the first time: after a deploy, a reset, or with new clients.`
        : `${percent(cold / total)} of the reads of all fields miss because they are the first ones of their key, and warming is off.`,
      evidence: { reads: total, cold, warming: isWarming ? 'on' : 'off' },
      change: isWarming
        ? 'Warming is on: warm up more operations with POST /warm, before the clients come.'
        : 'Warm up after a start and after a reset.',
      snippets: isWarming ? [] : [{ where: 'in the environment of each process', text: 'WARMING=on' }],
      gain: gainOf('Up to', cold, total, 'Values that nobody has read before stay misses; those after a start or a reset become hits.'),
      cost: { amount: cold, unit: 'loads', text: `Up to ${cold.toLocaleString('en')} loads from the database, apart from the requests.` },
      about: aboutOf('cold', cold, total),
    },
  ]
}

function loadsAdvice(total: number, { fields }: AdviceOptions): readonly Recommendation[] {
  const shed = sumOf(fields, 'shed')
  if (shed === 0) return []
  return [
    {
      code: 'more-loads',
      subject: 'DATABASE_POOL_SIZE',
      finding: `${shed.toLocaleString('en')} loads were dropped, because the readers had given up before they began.`,
      evidence: { reads: total, shed },
      change:
        'Find slow loads with GET /query-stats?by=field&sort=durationMs first. Then raise DATABASE_POOL_SIZE and CACHE_CONCURRENT_LOADS.',
      snippets: [],
      gain: {
        points: 0,
        text: `No points: these reads still miss, but ${shed.toLocaleString('en')} of them get an answer instead of an error.`,
      },
      cost: {
        amount: null,
        unit: 'loads',
        text: 'Not known: each further connection of each process can add a load at the same time, and what a load costs depends on its statement.',
      },
      about: aboutOf('shed', shed, total),
    },
  ]
}

function sumOf(fields: AdviceOptions['fields'], cause: 'evicted' | 'cold' | 'shed'): number {
  return fields.reduce((sum, { misses }) => sum + misses[cause], 0)
}
