import type { Stats } from '../../../src/operations/admin/contract.ts'
import { count, duration, durationPair, durationParts, percent, perSecond, points, smallPercent, UNKNOWN } from '../format/format.ts'

export type Tone = 'good' | 'warn' | 'bad' | 'plain'

/** One figure of the strip at the top. */
export interface Tile {
  readonly title: string
  readonly value: string
  readonly unit: string
  /** Second line: what the value is compared with. */
  readonly note: string
  /** The same figure in the last two minutes, if `value` is that of a longer time range. */
  readonly now?: string
  readonly tone: Tone
}

/** Distance between the hit rate and the reachable one from which the tile warns. */
const NOTABLE_GAP = 0.05
/** Share of the staleness bound from which a sync is late. If nothing is wrong, the next one begins after at most half of the bound. */
const LATE_SYNC = 0.75

export interface StripFigures {
  /** State of now. */
  readonly now: Stats
  /** Figures of the time range that the view shows, so that the strip and the view agree. */
  readonly inRange: Stats
  /** Name of that range, such as `24 h`. */
  readonly range: string
}

/** Returns the figures of the strip. */
export function tilesOf({ now, inRange, range }: StripFigures): readonly Tile[] {
  const { savedMsPerMinute, breakers, instances, shadow } = now
  const { figures, answersFromCache, latency, requests, tenant } = inRange
  const lag = { ...now.lag, worstMs: inRange.lag.worstMs }
  // A duration a minute is a load: in seconds, it says how many connections would be busy.
  const [saved, savedUnit] = savedMsPerMinute < 1000 ? durationParts(savedMsPerMinute) : [count(savedMsPerMinute / 1000), 's']
  const gap = figures.hitRate === null || figures.reachableHitRate === null ? 0 : figures.reachableHitRate - figures.hitRate
  return [
    {
      title: 'Requests',
      value: perSecond(now.requestsPerSecond),
      unit: '/s, last 2 min',
      note: `${count(requests)} in ${range}`,
      tone: 'plain',
    },
    {
      title: 'Answers from cache',
      value: points(answersFromCache),
      unit: answersFromCache === null ? '' : '%',
      note: `${tenant === null ? 'of all answers' : `of answers of ${tenant}`}, ${range}`,
      now: `now ${percent(now.now.answersFromCache)}, last 2 min`,
      tone: 'plain',
    },
    {
      title: 'Field hit rate',
      value: points(figures.hitRate),
      unit: figures.hitRate === null ? '' : '%',
      note:
        tenant !== null
          ? 'not counted by tenant'
          : figures.reachableHitRate === null
            ? `no field was read, ${range}`
            : `of ${percent(figures.reachableHitRate)} reachable, ${range}`,
      ...(tenant === null ? { now: `now ${percent(now.now.hitRate)}, last 2 min` } : {}),
      tone: gap > NOTABLE_GAP ? 'warn' : 'plain',
    },
    latencyTile('Hits p50 / p99', range, latency?.hitP50Ms, latency?.hitP99Ms),
    latencyTile('Misses p50 / p99', range, latency?.missP50Ms, latency?.missP99Ms),
    { title: 'DB time saved', value: saved, unit: `${savedUnit} a min`, note: 'by cached copies', tone: 'plain' },
    lagTile(lag),
    breakerTile(breakers),
    {
      title: 'Instances',
      value: count(instances.alive),
      unit: 'alive',
      note: instances.alive < instances.known ? `${count(instances.known)} known` : 'all that are known',
      tone: instances.alive < instances.known ? 'warn' : 'plain',
    },
    staleReadTile(shadow),
  ]
}

function staleReadTile({ compared, violations, maxViolationShare }: Stats['shadow']): Tile {
  const title = 'Stale reads found'
  // No comparison at all must not look like a passed one.
  if (maxViolationShare === null) return { title, value: UNKNOWN, unit: '', note: 'none compared yet', tone: 'plain' }
  return {
    title,
    value: count(violations),
    unit: `of ${count(compared)}`,
    note: `below ${smallPercent(maxViolationShare)}, with 95 % confidence`,
    tone: violations > 0 ? 'bad' : 'good',
  }
}

function latencyTile(title: string, range: string, p50: number | null | undefined, p99: number | null | undefined): Tile {
  const [value, unit] = durationPair(p50, p99)
  return { title, value, unit, note: value === UNKNOWN ? 'not known here' : `of answers, ${range}`, tone: 'plain' }
}

function lagTile({ nowMs, worstMs, boundMs }: Stats['lag']): Tile {
  const [value, unit] = durationParts(nowMs)
  const title = 'Last log sync'
  if (nowMs === null) return { title, value, unit, note: 'not followed', tone: 'bad' }
  const isLate = nowMs > LATE_SYNC * boundMs || (worstMs !== null && worstMs > boundMs)
  return {
    title,
    value,
    unit: `${unit} ago`,
    note: `${worstMs === null ? '' : `slowest write ${duration(worstMs)}, `}bound ${duration(boundMs)}`,
    tone: nowMs > boundMs ? 'bad' : isLate ? 'warn' : 'plain',
  }
}

function breakerTile(breakers: Stats['breakers']): Tile {
  const open = breakers.filter(({ state }) => state !== 'closed')
  const title = 'Breakers'
  if (breakers.length === 0) return { title, value: UNKNOWN, unit: '', note: 'no Redis', tone: 'plain' }
  if (open.length === 0) return { title, value: 'closed', unit: '', note: breakers.map(({ name }) => name).join(', '), tone: 'good' }
  const worst = open.some(({ state }) => state === 'open') ? 'open' : 'half-open'
  return { title, value: worst, unit: '', note: open.map(({ name }) => name).join(', '), tone: worst === 'open' ? 'bad' : 'warn' }
}
