import type { QueryStats, Stats } from '../../admin/contract.ts'
import type { Command } from '../command.ts'
import { API_OPTIONS, positiveNumber, TENANT_OPTION, timeOf, WINDOW_OPTIONS } from '../command-options.ts'
import { EXIT, UsageFailure } from '../failure.ts'
import { count, duration, moment, percent, shares, size, smallPercent } from '../figures.ts'
import { facts, paragraph, table } from '../layout.ts'
import { styled, type Terminal } from '../terminal.ts'

const KINDS = ['operation', 'field']
const SORTS = ['requests', 'misses', 'durationMs', 'loadMs', 'savedMs', 'gain', 'changeRate']
const LAYERS = { l1: 'memory', l2: 'Redis', coalesced: 'coalesced', stale: 'stale', origin: 'database' } as const

/** Shows what the cache, Redis and PostgreSQL do, or the figures of each operation or field. */
export const stats: Command = {
  name: 'stats',
  summary: 'Shows the answers from cache, the field hit rate, now and reachable, and what the cache, Redis and PostgreSQL do.',
  positionals: '',
  options: {
    ...WINDOW_OPTIONS,
    ...TENANT_OPTION,
    by: { type: 'string', value: 'KIND', meaning: 'a table by operation or by field', words: KINDS },
    sort: { type: 'string', value: 'COLUMN', meaning: `order of the table: ${SORTS.join(', ')}`, words: SORTS },
    limit: { type: 'string', value: 'NUMBER', meaning: 'maximum number of rows; default: 20' },
    ...API_OPTIONS,
  },
  examples: ['tidegate stats', 'tidegate stats --by field --sort gain --window 24h'],
  run: async ({ terminal, options, connect }) => {
    const by = options.text('by')
    if (by !== undefined && !KINDS.includes(by))
      throw new UsageFailure(`--by: expected ${KINDS.join(' or ')}, got "${by}".`, 'tidegate stats --help lists the options.')
    const range = { window: options.text('window'), until: timeOf(options, 'until'), tenant: options.text('tenant') }
    const limit = positiveNumber(options, 'limit') ?? 20
    const api = await connect()
    if (by === undefined) {
      const { value, json } = await api.get<Stats>('/stats', range)
      terminal.write(`${options.flag('json') ? json : screen(terminal, value).join('\n')}\n`)
    } else {
      const sort = options.text('sort') ?? (by === 'field' ? 'gain' : 'requests')
      const { value, json } = await api.get<QueryStats>('/query-stats', { ...range, by, sort, limit })
      terminal.write(`${options.flag('json') ? json : tableOf(terminal, value, by).join('\n')}\n`)
    }
    return EXIT.done
  },
}

function screen(terminal: Terminal, value: Stats): readonly string[] {
  const { range, tenant } = value
  const heading = (text: string) => ['', styled(terminal, 'bold', text)]
  const width = terminal.columns
  const whose = tenant === null ? 'all tenants' : `tenant ${tenant}`
  return [
    styled(terminal, 'bold', `Cache from ${moment(range.from)} to ${moment(range.to)} UTC, ${whose}`),
    ...facts(cacheFacts(value), width),
    ...heading('Requests'),
    ...facts(requestFacts(value), width),
    ...heading('Freshness'),
    ...facts(
      [
        ['lag', lagOf(value)],
        ['bound', `${duration(value.lag.boundMs)}: no answer is older, unless it is marked stale`],
        ['shadow', shadowOf(value)],
        ['processes', processesOf(value)],
      ],
      width,
    ),
    ...(value.redis === undefined ? [] : [...heading('Redis'), ...facts(redisFacts(value), width)]),
    ...(value.postgres === undefined ? [] : [...heading('PostgreSQL'), ...facts(postgresFacts(value), width)]),
    '',
    ...paragraph('tidegate report says what keeps the hit rate down, and what to change.', width),
  ]
}

type Facts = readonly (readonly [name: string, value: string])[]

function cacheFacts({ figures, memory, tenant }: Stats): Facts {
  const {
    reads,
    hitRate,
    reachableHitRate,
    layers,
    misses,
    loads,
    loadMs,
    savedMs,
    reloads,
    needlessReloads,
    failedLoads,
    stored,
    reused,
  } = figures
  if (tenant !== null) return [['saved', `${duration(savedMs)} of load time. Reads of fields are not counted by tenant`]]
  if (reads === 0) return [['reads', 'none in this time: the gateway was not used, or the figures are not stored yet']]
  const served = Object.entries(LAYERS).map(([layer, name]) => `${name} ${percent(layers[layer as keyof typeof LAYERS] / reads)}`)
  const missed = shares(misses)
  return [
    ['field hit rate', `${percent(hitRate)} of ${count(reads)} reads of fields`],
    ['reachable', `${percent(reachableHitRate)} of these reads, if nothing expired, was evicted, bypassed or shed`],
    ['served by', served.join(', ')],
    ['misses', missed === '' ? 'none' : missed],
    ['loads', `${count(loads)} in ${duration(loadMs)}${failedLoads > 0 ? `, ${count(failedLoads)} failed` : ''}`],
    ['saved', `${duration(savedMs)} of load time`],
    ['copies', `${count(stored)} stored in memory; ${count(reused)} copies read for the first time`],
    ['reloads', `${count(reloads)} after an invalidation, ${count(needlessReloads)} of them returned the same value`],
    ...(memory === null
      ? []
      : [['memory', `${count(memory.entries)} entries, ${size(memory.bytes)} in the process that answers`] as const]),
  ]
}

function requestFacts({ requests, requestErrors, requestsPerSecond, savedMsPerMinute, answers, answersFromCache, latency }: Stats): Facts {
  return [
    ['requests', `${count(requests)}, ${count(requestErrors)} with errors`],
    ['now', `${requestsPerSecond.toFixed(1)} a second, which saves ${duration(savedMsPerMinute)} of load time a minute`],
    ['answers', shares(answers) || 'none'],
    ['from cache', answersFromCache === null ? 'none: there were no answers' : `${percent(answersFromCache)} of these answers`],
    ...(latency === null
      ? []
      : ([
          ['hits', `p50 ${duration(latency.hitP50Ms)}, p99 ${duration(latency.hitP99Ms)}`],
          ['misses', `p50 ${duration(latency.missP50Ms)}, p99 ${duration(latency.missP99Ms)}`],
        ] as const)),
  ]
}

/** No comparison at all must not look like a passed one. */
function shadowOf({ shadow: { compared, violations, maxViolationShare } }: Stats): string {
  if (maxViolationShare === null) return 'no served copy was compared with the database yet'
  const claim = `${count(violations)} ${violations === 1 ? 'violation' : 'violations'} of ${count(compared)}`
  return `${claim} compared with the database; with 95 % confidence below ${smallPercent(maxViolationShare)}`
}

function lagOf({ lag }: Stats): string {
  if (lag.nowMs === null) return 'the invalidation log cannot be followed: reads go to the database. Run tidegate doctor'
  const worst = lag.worstMs === null ? '' : `; the slowest write was applied ${duration(lag.worstMs)} after its COMMIT`
  return `last sync ${duration(lag.nowMs)} ago${worst}`
}

function processesOf({ instances, breakers }: Stats): string {
  const open = breakers.filter(({ state }) => state !== 'closed').map(({ name, state }) => `; circuit breaker for ${name} ${state}`)
  return `${count(instances.alive)} of ${count(instances.known)} reported in the last 15 s${open.join('')}`
}

function redisFacts({ redis }: Stats): Facts {
  if (redis === null) return [['state', 'not configured, or only an OPERATOR may see it']]
  const { isReady, isWritable, usedMemoryBytes, maxMemoryBytes, maxMemoryPolicy, evictedKeys, keyspaceHits, keyspaceMisses } = redis
  const state = !isReady
    ? 'not connected: each process uses its own memory. Run tidegate doctor'
    : isWritable
      ? 'connected, accepts writes'
      : 'refuses writes: it is a replica or full. Run tidegate doctor'
  const limit = maxMemoryBytes ? size(maxMemoryBytes) : 'no limit'
  const lookups = (keyspaceHits ?? 0) + (keyspaceMisses ?? 0)
  return [
    ['state', state],
    ...timesFacts('commands', redis.commands),
    ...(usedMemoryBytes === null
      ? []
      : [['memory', `${size(usedMemoryBytes)} of ${limit}, policy ${maxMemoryPolicy ?? 'unknown'}`] as const]),
    ...(evictedKeys === null ? [] : [['evicted', `${count(evictedKeys)} keys since the start of Redis`] as const]),
    ...(lookups === 0 ? [] : [['lookups', `${percent((keyspaceHits ?? 0) / lookups)} of ${count(lookups)} found a key`] as const]),
    ...(redis.connectedClients === null ? [] : [['clients', count(redis.connectedClients)] as const]),
  ]
}

function postgresFacts({ postgres }: Stats): Facts {
  if (postgres === null) return [['state', 'only an OPERATOR may see it']]
  const { isReachable, version, connections, maxConnections, logRows } = postgres
  return [
    ['state', isReachable ? `reachable${version === null ? '' : `, version ${version}`}` : 'cannot be reached. Run tidegate doctor'],
    ...(connections === null || maxConnections === null
      ? []
      : [['connections', `${count(connections)} of ${count(maxConnections)}`] as const]),
    ...timesFacts('statements', postgres.statements),
    ...timesFacts('pool waits', postgres.connectionWaits),
    ...(logRows === null
      ? []
      : [['log', `about ${count(logRows)} ${logRows === 1 ? 'row' : 'rows'} in the table of the invalidation log`] as const]),
  ]
}

/** Durations of the last minute beside the usual ones, in the process that waits longest. */
function timesFacts(name: string, times: NonNullable<Stats['redis']>['commands']): Facts {
  if (times === null) return []
  const { lastMinute, usual, slow } = times
  if (lastMinute.count === 0) return [[name, 'none in the last minute']]
  const now = `p50 ${duration(lastMinute.p50Ms)}, p99 ${duration(lastMinute.p99Ms)} in the last minute`
  const before = usual.count === 0 ? '' : `, usually p50 ${duration(usual.p50Ms)}, p99 ${duration(usual.p99Ms)}`
  return [[name, `${slow === null ? '' : 'SLOW: '}${now}${before}`]]
}

function tableOf({ columns }: Terminal, { operations, fields }: QueryStats, by: string): readonly string[] {
  if (by === 'field')
    return fields.length === 0
      ? ['No field was read in this time.']
      : table(
          [
            { title: 'FIELD', isFlexible: true },
            { title: 'READS', align: 'right' },
            { title: 'HIT RATE', align: 'right' },
            { title: 'REACHABLE', align: 'right' },
            { title: 'GAIN', align: 'right' },
            { title: 'MISSES', isFlexible: true },
          ],
          fields.map(({ field, reads, hitRate, reachableHitRate, gain, misses }) => [
            field,
            count(reads),
            percent(hitRate),
            percent(reachableHitRate),
            `${(100 * gain).toFixed(1)} pts`,
            shares(misses).split(', ').slice(0, 2).join(', '),
          ]),
          columns,
          '',
        )
  return operations.length === 0
    ? ['No operation was executed in this time.']
    : table(
        [
          { title: 'OPERATION', isFlexible: true },
          { title: 'REQUESTS', align: 'right' },
          { title: 'FROM CACHE', align: 'right' },
          { title: 'MISSES', align: 'right' },
          { title: 'ERRORS', align: 'right' },
          { title: 'TIME', align: 'right' },
          { title: 'SAVED', align: 'right' },
          { title: 'SIZE', align: 'right' },
        ],
        operations.map(({ operation, requests, answersFromCache, missShare, errors, durationMs, savedMs, bytes }) => [
          operation,
          count(requests),
          percent(answersFromCache),
          `${(100 * missShare).toFixed(1)} pts`,
          count(errors),
          duration(durationMs),
          duration(savedMs),
          size(bytes),
        ]),
        columns,
        '',
      )
}
