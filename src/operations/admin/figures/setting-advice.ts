import { percent } from '../../history/rates.ts'
import { gainOf, sizeText } from './advice-figures.ts'
import type { AdviceOptions, Recommendation } from './advice-options.ts'

const MIN_EVICTED_SHARE = 0.01

/** Returns what to change in the configuration. @param total Reads of all fields. */
export function settingAdvice(total: number, options: AdviceOptions): readonly Recommendation[] {
  return [...memoryAdvice(total, options), ...warmingAdvice(total, options), ...loadsAdvice(total, options)]
}

function memoryAdvice(total: number, { fields, falls, memoryBytes }: AdviceOptions): readonly Recommendation[] {
  const evicted = sumOf(fields, 'evicted')
  const isNamed = falls.some(({ cause }) => cause === 'evicted') && evicted > 0
  if (evicted / total < MIN_EVICTED_SHARE && !isNamed) return []
  return [
    {
      code: 'more-memory',
      subject: 'CACHE_MEMORY_BYTES',
      finding: `${percent(evicted / total)} of the reads of all fields miss because the value was evicted from memory.`,
      evidence: { reads: total, evicted, memoryBytes },
      change: `Double CACHE_MEMORY_BYTES to ${(2 * memoryBytes).toLocaleString('en')} bytes.`,
      snippets: [{ where: 'in the environment of each process', text: `CACHE_MEMORY_BYTES=${2 * memoryBytes}` }],
      gain: gainOf('Up to', evicted, total),
      cost: { amount: memoryBytes, unit: 'bytes', text: `${sizeText(memoryBytes)} more memory for each process.` },
    },
  ]
}

/** First reads cannot be avoided, so only a fall that they caused is worth a warm-up. */
function warmingAdvice(total: number, { fields, falls }: AdviceOptions): readonly Recommendation[] {
  const fall = falls.find(({ cause }) => cause === 'cold')
  const cold = sumOf(fields, 'cold')
  if (!fall || cold === 0) return []
  return [
    {
      code: 'warm-up',
      subject: 'WARMING',
      finding: `The field hit rate fell because ${fall.field} was read for the first time: after a deploy, a reset, or with new clients.`,
      evidence: { reads: total, cold },
      change: 'Warm up after a start and after a reset. If that is on already, warm up more operations with POST /warm.',
      snippets: [{ where: 'in the environment of each process', text: 'WARMING=on' }],
      gain: gainOf('Up to', cold, total, 'Values that nobody has read before stay misses.'),
      cost: { amount: cold, unit: 'loads', text: `Up to ${cold.toLocaleString('en')} loads from the database, apart from the requests.` },
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
    },
  ]
}

function sumOf(fields: AdviceOptions['fields'], cause: 'evicted' | 'cold' | 'shed'): number {
  return fields.reduce((sum, { misses }) => sum + misses[cause], 0)
}
