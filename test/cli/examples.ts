import type {
  ChangeExperimentsResult,
  Experiments,
  Explanation,
  Invalidations,
  PurgeResult,
  QueryStats,
  Report,
  Stats,
  WarmResult,
  WriteCosts,
} from '#src/operations/admin/contract.ts'

const misses = { cold: 82, invalidated: 700, expired: 300, evicted: 0, 'not cacheable': 0, bypassed: 0, shed: 0 }
const figures = {
  reads: 12_430,
  hits: 11_348,
  hitRate: 0.91295,
  reachableHitRate: 0.93709,
  layers: { l1: 9_957, l2: 1_391, coalesced: 0, stale: 0, origin: 1_082 },
  misses,
  loads: 1_082,
  failedLoads: 3,
  loadMs: 3_120,
  savedMs: 32_700,
  reloads: 700,
  needlessReloads: 210,
  stored: 2_400,
  reused: 1_800,
  reuseShare: 0.75,
  meanBytes: 1_536,
}
const range = { from: '2026-11-27T18:32:10.000Z', to: '2026-11-27T19:32:10.000Z' }

const times = { usual: { count: 12_000, p50Ms: 0.4, p99Ms: 2.4 }, slow: null }
const statements = { ...times, lastMinute: { count: 90, p50Ms: 48, p99Ms: 310 }, slow: 'median' as const, instance: 'a1' }
const none = { count: 0, p50Ms: null, p99Ms: null }
const connectionWaits = { lastMinute: { count: 90, p50Ms: 0.1, p99Ms: 0.9 }, usual: none, slow: null, instance: 'a1' }

export const stats: Stats = {
  at: '2026-11-27T19:32:10.000Z',
  tenant: null,
  range,
  figures,
  answers: { HIT: 4_900, MISS: 327, STALE: 0 },
  answersFromCache: 0.9374,
  requests: 5_230,
  requestErrors: 3,
  requestsPerSecond: 1.4,
  savedMsPerMinute: 545,
  now: { answersFromCache: 0.902, hitRate: 0.871, reachableHitRate: 0.93 },
  breakers: [{ name: 'redis', state: 'closed' }],
  shadow: { compared: 412, withinBound: 3, violations: 0, undecided: 1, maxViolationShare: 3 / 412 },
  instances: { alive: 2, known: 3 },
  latency: { hitP50Ms: 0.42, hitP99Ms: 2.1, missP50Ms: 11.2, missP99Ms: 84 },
  lag: { nowMs: 62, worstMs: 214, boundMs: 1000 },
  memory: { entries: 1_204, bytes: 3_355_443 },
  redis: {
    isReady: true,
    isWritable: true,
    usedMemoryBytes: 41_943_040,
    maxMemoryBytes: 268_435_456,
    maxMemoryPolicy: 'allkeys-lru',
    connectedClients: 6,
    evictedKeys: 0,
    keyspaceHits: 1_391,
    keyspaceMisses: 1_082,
    commands: { ...times, lastMinute: { count: 212, p50Ms: 0.4, p99Ms: 2.1 }, instance: 'a1' },
  },
  postgres: { isReachable: true, version: '15.20', connections: 24, maxConnections: 100, logRows: 10_001, statements, connectionWaits },
}

export const byField: QueryStats = {
  range,
  total: 2,
  operations: [],
  fields: [
    { ...figures, field: 'Query.campaigns', gain: 0.024, changeRate: 11.7, trend: null },
    {
      ...figures,
      field: 'Campaign.domainsOfAVeryLongFieldNameThatIsShortened',
      reads: 90,
      misses: { ...misses, invalidated: 0, cold: 0 },
      gain: 0,
      changeRate: 0,
      trend: null,
    },
  ],
}

const means = { hitMs: 0.4, missMs: 11, layerMs: { 'at hand': 0.2, origin: 11 } }

export const byOperation: QueryStats = {
  range,
  total: 2,
  operations: [
    {
      operation: 'Dashboard',
      requests: 1_200,
      answers: {},
      answersFromCache: 0.97,
      errors: 0,
      missShare: 0.03,
      loadMs: 4_100,
      ...means,
      durationMs: 5_400,
      savedMs: 24_000,
      bytes: 13_000_000,
      trend: null,
    },
    {
      operation: 'other',
      requests: 7,
      answers: {},
      answersFromCache: null,
      errors: 7,
      missShare: 0,
      durationMs: 12,
      loadMs: 0,
      hitMs: null,
      missMs: null,
      layerMs: {},
      savedMs: 0,
      bytes: 700,
      trend: null,
    },
  ],
  fields: [],
}

const writes: Report['writes'] = [
  {
    cause: 'mutation pauseCampaign',
    writes: 640,
    rows: 640,
    tags: 3200,
    voidedEntries: 7140,
    waitingEntries: 40,
    reloads: 6400,
    needlessReloads: 6020,
    loadMs: 57_600,
    answers: 700,
    appliedP50Ms: 23,
    appliedMaxMs: 141,
    lastAt: '2026-11-27T19:31:58.000Z',
    fields: [{ field: 'Query.campaigns', reloads: 6400, needlessReloads: 6020, loadMs: 57_600, answers: 0, operations: ['CampaignsPage'] }],
  },
  {
    cause: 'operator Ada: wrong price in the import of the evening',
    writes: 1,
    rows: 1,
    tags: 1,
    voidedEntries: 12,
    waitingEntries: 12,
    reloads: 0,
    needlessReloads: 0,
    loadMs: 0,
    answers: 0,
    appliedP50Ms: null,
    appliedMaxMs: null,
    lastAt: '2026-11-27T19:20:00.000Z',
    fields: [],
  },
]
export const writeCosts: WriteCosts = { at: '2026-11-27T19:32:10.000Z', range, uncounted: null, total: 3, writes }

export const report: Report = {
  at: '2026-11-27T19:32:10.000Z',
  tenant: null,
  range,
  hitRate: 0.614,
  reachableHitRate: 0.792,
  summary:
    '61.4 % of 12,430 reads of fields were hits, and 79.2 % could be. 44.0 % of 4,798 misses have the cause “invalidated”, the largest share.',
  drop: {
    rate: 'field hit rate',
    at: '2026-11-27T19:10:00.000Z',
    lowestAt: '2026-11-27T19:11:00.000Z',
    until: null,
    before: 0.953,
    after: 0.412,
    sentence: 'The field hit rate fell by 54.1 points at 19:10, because mutation pauseCampaign invalidated Query.campaigns 640 times.',
    field: 'Query.campaigns',
    cause: 'invalidated',
    write: 'mutation pauseCampaign',
  },
  falls: [],
  writes,
  recommendations: [
    {
      code: 'needless-reloads',
      subject: 'Query.campaigns',
      finding: 'Most reloads return the value that was invalidated.',
      evidence: { reloads: 6_400, needlessReloads: 6_020 },
      change: '@cache(depends: ["Campaign[status: $filter.status]"])',
      snippets: [],
      gain: { points: 48.4, text: 'Up to 48.4 points of the field hit rate: 6,020 of 12,430 reads of all fields would be hits.' },
      cost: { amount: 0, unit: 'bytes', text: 'None: nothing more is stored, and no answer gets older.' },
      about: { cause: 'invalidated', points: 48.4 },
    },
  ],
  memory: null,
  missing: [{ cause: 'invalidated', points: 48.4, covered: 48.4, text: 'A card is about all of them.' }],
}

export const invalidations: Invalidations = {
  clock: 812,
  invalidations: [
    {
      clock: 812,
      epoch: '1',
      at: '2026-11-27T19:10:04.120Z',
      causes: ['mutation pauseCampaign'],
      tables: ['campaigns'],
      tags: ['acme:Campaign:42', 'acme:Campaign~', 'acme:Campaign[]', 'acme:Campaign[]:status=ACTIVE', 'acme:Campaign[]:status=PAUSED'],
      tagCount: 5,
      lagMs: 41,
    },
    {
      clock: 811,
      epoch: '1',
      at: '2026-11-27T19:10:01.000Z',
      causes: [],
      tables: [],
      tags: ['*'],
      tagCount: 1,
      lagMs: null,
    },
  ],
}

export const purged: PurgeResult = {
  dryRun: false,
  tags: ['acme:Campaign:42'],
  tagCount: 1,
  matched: { count: 3, examples: [{ key: 'acme:Campaign:["42"]', tags: ['acme:Campaign:42'] }] },
  position: { epoch: '1', clock: 813 },
  isComplete: true,
  instances: [
    { instance: 'a1', host: 'web-1', state: 'applied' },
    { instance: 'b2', host: 'web-2', state: 'applied' },
  ],
  edges: [],
  waitedMs: 62,
}

export const planned: PurgeResult = { ...purged, dryRun: true, position: null, isComplete: false, instances: [], waitedMs: 0 }

const write = { clock: 812, at: '2026-11-27T19:10:04.120Z', causes: ['mutation pauseCampaign'], tag: 'acme:Campaign[]' }

export const explanation: Explanation = {
  answer: {
    key: 'acme:Response:["x"]',
    tenant: 'acme',
    policy: 'Response',
    sentence: 'Cached in the memory of this process since 12.0 s, and served for another 48.0 s.',
    memory: {
      isServed: true,
      because: 'fresh',
      ageMs: 12_000,
      freshMs: 48_000,
      costMs: 11.3,
      stamp: 812,
      tags: ['acme:Campaign[]'],
      invalidatedBy: null,
    },
    shared: null,
    loadingForMs: null,
    lastWrite: write,
  },
  parts: [
    {
      path: 'campaigns',
      subject: null,
      policy: 'Query.campaigns',
      layer: 'l1',
      ageMs: 12_000,
      ttlMs: 48_000,
      reason: null,
      because: 'It is 12.0 s old, because it was loaded at 2026-11-27T19:31:58.000Z, and since then no write touched its tags.',
      tags: ['acme:Campaign[]'],
      lastWrite: write,
    },
    {
      path: 'campaigns.nodes[0]',
      subject: 'Campaign acme:42',
      policy: 'Campaign',
      layer: 'l2',
      ageMs: 310_000,
      ttlMs: 590_000,
      reason: 'expired in memory',
      because: 'It is 310.0 s old, because it was loaded at 2026-11-27T19:27:00.000Z, and since then no write touched its tags.',
      tags: [],
      lastWrite: null,
    },
  ],
  partCount: 2,
  notCachedBecause: null,
  sentence: 'The oldest part is 310.0 s old: campaigns.nodes[0], loaded at 2026-11-27T19:27:00.000Z; no write has touched it since.',
  wholeAnswer: 'The answer as a whole is cached, too: it was composed 12.0 s ago.',
  execution: 'Explaining executes the operation itself, part by part: all 2 parts came from the cache, and nothing was loaded.',
}

export const warmed: WarmResult = {
  isRunning: false,
  reason: 'command',
  total: 100,
  done: { cached: 12, executed: 86, refused: 0, failed: 2 },
  durationMs: 4_310,
  dryRun: false,
  planned: 100,
}

const experiment = {
  id: 7,
  coordinate: 'Campaign',
  control: { l1: 60, l2: 900, staleIfError: 300 },
  trial: { l1: 30, l2: 300 },
  valuesToKeep: { l1: 30, l2: 300 },
  share: 0.5,
  leadInHours: 1,
  phase: 'trial' as const,
  startedBy: 'ada of operations',
  startedAt: '2026-11-27T10:20:00.000Z',
  reason: 'halve the memory',
  trialAt: '2026-11-27T11:20:00.000Z',
  endedBy: null,
  endedAt: null,
  endReason: null,
  reads: { leadIn: 41_200, trial: 330_410 },
  looks: 8,
  nextLookAt: '2026-11-27T20:20:30.000Z',
  comparison: {
    control: { reads: 165_020, hitRate: 0.9132 },
    trial: { reads: 163_870, hitRate: 0.8919 },
    points: -2.13,
    low: -2.61,
    high: -1.65,
    verdict: 'control' as const,
    readsNeeded: 0,
  },
}

export const experiments: Experiments = {
  at: '2026-11-27T19:32:10.000Z',
  experiments: [
    experiment,
    {
      ...experiment,
      id: 6,
      coordinate: 'Query.searchCampaigns',
      control: { l1: 60, l2: 600 },
      trial: { l2: 1200, earlyRefresh: 1 },
      valuesToKeep: { l2: 1200, earlyRefresh: 1, negative: 20 },
      share: 0.25,
      phase: 'ended',
      reason: null,
      endedBy: 'ada of operations',
      endedAt: '2026-11-27T14:05:00.000Z',
      endReason: 'too few searches',
      reads: { leadIn: 310, trial: 2048 },
      looks: 3,
      nextLookAt: null,
      comparison: {
        control: { reads: 1530, hitRate: 0.4412 },
        trial: { reads: 518, hitRate: 0.4594 },
        points: 1.82,
        low: -9.4,
        high: 13.04,
        verdict: 'undecided',
        readsNeeded: 71_000,
      },
    },
  ],
}

export const startedExperiment: ChangeExperimentsResult = {
  at: experiment.startedAt,
  experiments: [
    {
      ...experiment,
      phase: 'lead-in',
      leadInHours: 24,
      trialAt: '2026-11-28T10:20:00.000Z',
      reads: { leadIn: 0, trial: 0 },
      looks: 0,
      nextLookAt: '2026-11-28T11:20:30.000Z',
      comparison: null,
    },
  ],
  instances: [
    { instance: 'a1', host: 'web-1', state: 'applied' },
    { instance: 'b2', host: 'web-2', state: 'applied' },
  ],
}
