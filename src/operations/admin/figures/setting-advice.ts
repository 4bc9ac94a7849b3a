import type { Curve } from '../../../engine/cache/memory/miss-ratio-curve.ts'
import { percent } from '../../history/rates.ts'
import { aboutOf, gainOf, sizeText } from './advice-figures.ts'
import type { AdviceOptions, Recommendation } from './advice-options.ts'

/** Share of all reads from which misses get a recommendation: 0.1 points. */
const MIN_EVICTED_SHARE = 0.001
const MIN_COLD_SHARE = 0.001
/** A size of the memory is worthwhile if it avoids this share of the misses that the largest size avoids. */
const WORTHWHILE_SHARE = 0.8
/** Minimum share of the reads that more memory must avoid to be advised. */
const MIN_GAIN = 0.001

/** Returns what to change in the configuration. @param total Reads of all fields. */
export function settingAdvice(total: number, options: AdviceOptions): readonly Recommendation[] {
  return [...memoryAdvice(total, options), ...warmingAdvice(total, options), ...loadsAdvice(total, options)]
}

/** Advises more memory if values are evicted, with the gain by the miss-ratio curve of the process that answers. */
function memoryAdvice(total: number, { fields, falls, memoryBytes, curve }: AdviceOptions): readonly Recommendation[] {
  const evicted = sumOf(fields, 'evicted')
  const isNamed = falls.some(({ cause }) => cause === 'evicted') && evicted > 0
  if (evicted / total < MIN_EVICTED_SHARE && !isNamed) return []
  const larger = curve && worthwhileSize(curve)
  // The simulation shows that memory of four times the size would not help.
  if (curve && !larger) return []
  const wanted = (larger?.scale ?? 2) * memoryBytes
  const why = larger
    ? `A simulation of this process with a sample of its keys shows ${percent(larger.now)} of its reads without a copy in memory now, and ${percent(larger.then)} with that size.`
    : 'How much the values need is not known, because too little was read in the process that answers.'
  return [
    {
      code: 'more-memory',
      subject: 'CACHE_MEMORY_BYTES',
      finding: `${percent(evicted / total)} of the reads of all fields miss because the value was evicted from memory.`,
      evidence: {
        reads: total,
        evicted,
        memoryBytes,
        ...(larger ? { missRatio: percent(larger.now), expectedMissRatio: percent(larger.then) } : {}),
      },
      change: `Raise CACHE_MEMORY_BYTES from ${sizeText(memoryBytes)} to ${sizeText(wanted)}. ${why}`,
      snippets: [{ where: 'in the environment of each process', text: `CACHE_MEMORY_BYTES=${wanted}` }],
      gain: larger ? gainOf('About', evicted * larger.avoided, total) : gainOf('Up to', evicted, total),
      cost: { amount: wanted - memoryBytes, unit: 'bytes', text: `${sizeText(wanted - memoryBytes)} more memory for each process.` },
      about: aboutOf('evicted', evicted, total),
    },
  ]
}

/**
 * Returns the smallest size above the present one that avoids most of what the largest size of the curve avoids, with the share of the
 * evictions that it avoids.
 */
function worthwhileSize({ points, unavoidable }: Curve) {
  const now = points.find(({ scale }) => scale === 1)?.missRatio ?? 1
  const larger = points.filter(({ scale }) => scale > 1)
  const most = now - Math.min(...larger.map(({ missRatio }) => missRatio))
  const chosen = larger.find(({ missRatio }) => now - missRatio >= WORTHWHILE_SHARE * most)
  if (!chosen || most < MIN_GAIN) return undefined
  const { scale, missRatio: then } = chosen
  return { scale, now, then, avoided: (now - then) / Math.max(now - unavoidable, most) }
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
