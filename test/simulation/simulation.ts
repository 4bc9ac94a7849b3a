import { Cache, type CacheEvent, type CachePolicy, cacheKey, type Outcome, rowTag, type Session } from '#src/engine/cache/index.ts'
import { readByArm } from '#src/gateway/graphql/execution/read-by-arm.ts'
import { Thing } from '../cache/instance.ts'
import { SimulatedDatabase, SimulatedRemote, type Version } from './database.ts'
import { SimulatedExperiments } from './experiments.ts'
import { readPhase } from './passing-time.ts'
import { Dice, InstanceEnv, Scheduler } from './scheduler.ts'
import type { BrokenVariant } from './variants.ts'

const KEYS = [0, 1, 2, 3]
const BOUND_MS = 1000
const RUN_MS = 20_000
const WHOLE: CachePolicy = { name: 'Whole', composed: true, l1Ms: 2000, l2Ms: 5000, staleWhileRevalidateMs: 0, staleIfErrorMs: 0 }

interface Instance {
  readonly env: InstanceEnv
  /** The process that runs the instance. A restart replaces it. */
  process: { isDead: boolean }
  cache: Cache
  started: boolean
  /** Tags of all values that the instance has read. */
  knownTags: Set<string>
  /** Newest version of each key whose write the instance has acknowledged. */
  acknowledged: Map<number, number>
}

interface Acknowledged extends Version {
  readonly at: number
}

export interface SimulationOptions {
  /** Share of the reads that shadow mode compares. Default 0. */
  readonly shadowRate?: number
  /** Simulated time, ms. Default 20 s. */
  readonly runMs?: number
  /** Whether experiments start and stop on the policies. Default: on an eighth of the seeds. */
  readonly hasExperiments?: boolean
  /** Longest pause of a client between two requests, ms. Pauses between faults are up to 12 times as long. Default 250. */
  readonly maxPauseMs?: number
}

export interface Report {
  readonly reads: number
  readonly served: Readonly<Record<string, number>>
  readonly violations: readonly string[]
  /** Comparisons of shadow mode, by all instances. */
  readonly shadows: readonly Extract<CacheEvent, { readonly type: 'shadow' }>[]
}

/** Runs one simulation. The seed determines instances, clients and faults. Every answer is checked against the acknowledged writes. */
export async function simulate(
  seed: number,
  variant: BrokenVariant = {},
  { shadowRate = 0, runMs = RUN_MS, maxPauseMs = 250, hasExperiments = seed % 8 === 0 }: SimulationOptions = {},
): Promise<Report> {
  const dice = new Dice(seed)
  const scheduler = new Scheduler()
  const database = new SimulatedDatabase(scheduler, dice, variant.database)
  const remote = new SimulatedRemote(scheduler, dice)
  const acknowledged: Acknowledged[] = []
  const violations: string[] = []
  const served: Record<string, number> = {}
  const shadows: Extract<CacheEvent, { readonly type: 'shadow' }>[] = []
  let reads = 0
  let stopped = false

  const hints: { readonly instance: Instance; readonly hint: () => void }[] = []
  const policies: readonly CachePolicy[] = KEYS.map((key) => ({
    name: `Thing${key}`,
    l1Ms: dice.between(200, 5000),
    l2Ms: dice.between(500, 30_000),
    staleWhileRevalidateMs: key % 2 === 0 ? 2000 : 0,
    staleIfErrorMs: key === 3 ? 10_000 : 0,
    earlyRefresh: key % 2,
    ...(key > 1 ? { softTimeoutMs: 20, hardTimeoutMs: 150 } : {}),
  }))

  const experiments = new SimulatedExperiments<Instance>(seed, policies, variant.uncheckedTrial === true)

  const open = (instance: Pick<Instance, 'env' | 'knownTags' | 'process'>) =>
    new Cache({
      log: variant.log ? variant.log(database.logFor(instance.env), instance.knownTags) : database.logFor(instance.env),
      omit: new Set(variant.omit === undefined ? [] : [variant.omit]),
      env: instance.env,
      entities: [Thing],
      secrets: ['secret'],
      remote: remote.tierFor(instance.env, instance.process),
      onEvent: (event) => {
        if (event.type === 'shadow') shadows.push(event)
        if (event.type === 'turn') served[event.outcome] = (served[event.outcome] ?? 0) + event.count
      },
      wakeUp: {
        send: () => {
          for (const { hint } of hints) if (dice.chance(0.8)) scheduler.at(scheduler.now + dice.between(0.1, 5), hint)
        },
        isConnected: () => variant.connectedWakeUp === true,
        listen: (hint) => void hints.push({ instance: instance as Instance, hint }),
        close: async () => undefined,
      },
      tickMs: 75,
      stalenessBoundMs: BOUND_MS,
      sketchColumns: 64,
      memoryBytes: 2 ** 20,
      concurrentLoads: 2,
      shadowRate,
    })

  /** An eighth of the seeds has processes that copy the shared tier's entries into their memory before they serve. */
  const copiesAtStart = seed % 8 === 4 || variant.omit === 'copied entries checked'
  const copyAll = async (cache: Cache) => {
    const copied = await cache.copy(
      KEYS.map((key) => ({ key: cacheKey('acme', 'Thing', [key]).text, policy: policies[key] as CachePolicy })),
    )
    if (copied > 0) served['copied'] = (served['copied'] ?? 0) + copied
  }

  const start = async (instance: Instance) => {
    instance.started = false
    const { cache } = instance
    while (instance.cache === cache) {
      try {
        await cache.start()
        if (copiesAtStart) await copyAll(cache)
        instance.started = true
        return
      } catch {
        await scheduler.sleep(100)
      }
    }
  }

  const instances: Instance[] = Array.from({ length: 3 }, () => {
    const env = new InstanceEnv(scheduler, dice)
    const knownTags = new Set<string>()
    const process = { isDead: false }
    return { env, knownTags, process, cache: open({ env, knownTags, process }), started: false, acknowledged: new Map() }
  })
  for (const instance of instances) void start(instance)

  const restart = (instance: Instance) => {
    // An instance that starts now cannot distinguish a restored file-level copy of the database from the original, and would serve entries
    // of the shared tier that depend on lost log rows: see docs/coherence.md, Not promised.
    if (database.isUnnoticedCopy) return
    // A process that is killed keeps its turns and writes nothing to the shared tier any more. One that is stopped does both.
    instance.process.isDead = dice.chance(0.5)
    void instance.cache.close()
    instance.process = { isDead: false }
    for (let i = hints.length - 1; i >= 0; i--) if (hints[i]?.instance.env === instance.env) hints.splice(i, 1)
    instance.acknowledged = new Map()
    instance.knownTags = new Set()
    instance.cache = open(instance)
    void start(instance)
  }

  /**
   * Whether this run reads composed answers. They take long and leave less time for rare faults, so only a quarter of the seeds reads them,
   * and each seed of the variant `untaggedAnswers`, which breaks composed answers.
   */
  const readsWhole = seed % 4 === 1 || variant.untaggedAnswers === true

  /**
   * Whether the clocks of this run are always wrong, and a value is read that changes with time alone. True for another quarter of the
   * seeds.
   */
  const hasPhases = seed % 4 === 3 || variant.omit === 'time of the log'
  if (hasPhases) for (const { env } of instances) env.jumpWallClock(dice.between(-7_200_000, 7_200_000))

  const isLost = (version: number) => database.lost.has(version)

  /**
   * Returns the lowest versions that a read of `key` may return if it is sent now. `own` covers the writes that the instance or the read's
   * token knows; `due` also covers writes older than the staleness bound, and applies unless the answer is marked as stale.
   */
  const required = (instance: Instance, key: number, known: Version | undefined) => {
    const bound = scheduler.now - BOUND_MS
    const here = instance.acknowledged.get(key) ?? 0
    const carried = known?.key === key && !isLost(known.version) ? known.version : 0
    const own = Math.max(carried, database.isKeptSince(bound, here) ? here : 0)
    const ripe = acknowledged.filter((write) => write.key === key && write.at < bound && database.isKeptSince(bound, write.version))
    return { own, due: Math.max(own, ...ripe.map(({ version }) => version)) }
  }

  const read = async (
    instance: Instance,
    keys: readonly number[],
    token: string | undefined,
    known: Version | undefined,
    session?: Session,
  ) => {
    const { cache } = instance
    const key = keys[0] as number
    const sentAt = scheduler.now
    const least = keys.map((each) => required(instance, each, known))
    const outcomes: Outcome[] = []
    const values = await readByArm<number>(
      experiments.readerOf(cache),
      experiments.policyOf(instance, key),
      keys.map((each) => ({ key: cacheKey('acme', 'Thing', [each]), tags: [rowTag(Thing, 'acme', each)] })),
      () => async (indexes) =>
        (
          await database.read(
            instance.env,
            indexes.map((index) => keys[index] as number),
          )
        ).map((value) => ({ value })),
      {
        session: session ?? cache.openSession(token),
        ...(dice.chance(0.1) ? { deadlineMs: dice.between(1, 100) } : {}),
        observe: (index, outcome) => {
          outcomes[index] = outcome
          for (const tag of outcome.tags) instance.knownTags.add(tag)
        },
      },
    )
    values.forEach((value, index) => {
      if (value instanceof Error) return
      reads++
      const layer = outcomes[index]?.layer ?? 'none'
      served[layer] = (served[layer] ?? 0) + 1
      const { own = 0, due = 0 } = least[index] ?? {}
      const expected = layer === 'stale' ? own : due
      const lostAt = database.lost.get(value)
      if (layer !== 'stale' && lostAt !== undefined && lostAt < sentAt - BOUND_MS)
        violations.push(`at ${sentAt}: key ${keys[index]} gave ${value} (${layer}), lost at ${lostAt}`)
      if (value < expected && !isLost(expected))
        violations.push(`at ${sentAt}: key ${keys[index]} gave ${value} (${layer}), ${expected} was due`)
    })
    return values
  }

  /**
   * Reads two keys as one composed answer, as the gateway does for whole responses. The answer is cached; an answer that must not be stored
   * is only shared with concurrent callers.
   */
  const readWhole = async (instance: Instance, token: string | undefined, known: Version | undefined) => {
    const { cache } = instance
    const first = dice.pick(KEYS)
    const keys = [first, (first + 1) % KEYS.length]
    const sentAt = scheduler.now
    const least = keys.map((each) => required(instance, each, known))
    const session = cache.openSession(token)
    const parts = async () => {
      const outcomes: Outcome[] = []
      const loads = keys.map(async (key) => {
        const request = { key: cacheKey('acme', 'Thing', [key]), tags: [rowTag(Thing, 'acme', key)] }
        const load = async () => (await database.read(instance.env, [key])).map((value) => ({ value }))
        const observe = (_: number, outcome: Outcome) => void outcomes.push(outcome)
        const policy = experiments.policyOf(instance, key)
        const [value] = await readByArm<number>(experiments.readerOf(cache), policy, [request], () => load, { session, observe })
        if (value === undefined || value instanceof Error) throw value ?? new Error('No value.')
        return value
      })
      const values = await Promise.all(loads)
      const isStale = outcomes.some(({ layer }) => layer === 'stale')
      const isStored = !isStale && dice.chance(0.6)
      const tags = !isStored && variant.untaggedAnswers ? [] : outcomes.flatMap((outcome) => outcome.tags)
      return { value: { values, isStale }, tags, ttlMs: isStored ? Math.min(...outcomes.map(({ ttlMs }) => ttlMs)) : 0 }
    }
    const request = { key: cacheKey('acme', 'Whole', keys), tags: ['acme'] }
    const observe = (_: number, { tags }: Outcome) => {
      for (const tag of tags) instance.knownTags.add(tag)
    }
    const [answer] = await cache.getMany<{ values: number[]; isStale: boolean }>([request], WHOLE, async () => [await parts()], {
      session,
      observe,
    })
    if (answer === undefined || answer instanceof Error) return
    reads++
    served['whole'] = (served['whole'] ?? 0) + 1
    answer.values.forEach((value, index) => {
      const { own = 0, due = 0 } = least[index] ?? {}
      const expected = answer.isStale ? own : due
      if (value < expected && !isLost(expected))
        violations.push(`at ${sentAt}: key ${keys[index]} gave ${value} within a whole answer, ${expected} was due`)
    })
  }

  /** Reads the keys synchronously, only from the memory of the instance. */
  const glance = (instance: Instance, keys: readonly number[], token: string | undefined, known: Version | undefined) => {
    const view = instance.cache.localView(instance.cache.openSession(token))
    for (const key of keys) {
      const value = view?.getIfPresent<number>(cacheKey('acme', 'Thing', [key]))
      if (value === undefined) continue
      const { due } = required(instance, key, known)
      served['view'] = (served['view'] ?? 0) + 1
      if (value < due && !isLost(due)) violations.push(`at ${scheduler.now}: key ${key} gave ${value} (view), ${due} was due`)
    }
  }

  const client = async () => {
    let token: string | undefined
    let known: Version | undefined
    while (!stopped) {
      await scheduler.sleep(dice.between(1, maxPauseMs))
      const instance = dice.pick(instances)
      if (!instance.started || instance.env.isSuspended) continue
      const { cache } = instance
      try {
        if (dice.chance(0.25)) {
          const key = dice.pick(KEYS)
          const tags = dice.chance(variant.lostTags ?? 0) ? [] : [rowTag(Thing, 'acme', key)]
          const written = await database.write(instance.env, key, tags)
          if (dice.chance(0.1)) {
            if (dice.chance(0.5)) restart(instance)
            continue
          }
          const session = cache.openSession()
          token = await cache.acknowledge(session)
          known = written
          acknowledged.push({ ...written, at: scheduler.now })
          if (instance.cache !== cache) continue
          instance.acknowledged.set(key, Math.max(instance.acknowledged.get(key) ?? 0, written.version))
          if (dice.chance(0.5)) await read(instance, [key], undefined, written, session)
        } else {
          const keys = dice.chance(0.3) ? KEYS.filter(() => dice.chance(0.6)) : [dice.pick(KEYS)]
          if (keys.length === 0) continue
          if (hasPhases && dice.chance(0.25)) {
            const violation = await readPhase(instance, database, scheduler, BOUND_MS)
            if (violation !== undefined) violations.push(violation)
          } else if (readsWhole && dice.chance(0.25)) {
            await (dice.chance(0.5) ? readWhole(instance, token, known) : readWhole(instance, undefined, undefined))
          } else if (dice.chance(0.2)) {
            glance(instance, keys, token, known)
          } else if (dice.chance(0.4)) {
            await read(instance, keys, undefined, undefined)
          } else {
            await read(instance, keys, token, known)
          }
        }
      } catch {
        // The database could not be reached. The client gets an error, which does not count as a wrong answer.
      }
    }
  }

  const faults = [
    () => outage(database, dice.between(50, 4000)),
    () => outage(remote, dice.between(50, 4000)),
    // The lease uses two clocks and tolerates that one of them fails, so no fault makes both clocks of an instance fail.
    () => dice.pick(instances.slice(1)).env.suspend(dice.between(10, 5000), dice.chance(0.5)),
    () => instances[0]?.env.suspend(dice.between(10, 5000), false),
    () => instances[0]?.env.jumpWallClock(dice.between(-3_600_000, 3_600_000)),
    () => restart(dice.pick(instances)),
    () => database.trim(Math.floor(dice.between(1, 5))),
    () => (dice.chance(0.3) ? database.failOver() : undefined),
    () => (dice.chance(0.5) ? database.crash() : undefined),
    () => database.dump(),
    () => (dice.chance(0.5) ? database.restoreDump(dice.chance(0.5)) : undefined),
    ...(variant.database?.identityRestored ? new Array(6).fill(() => database.restoreDump(true)) : []),
    () => setBackCopy(),
    () => acknowledged.push({ ...database.writeWithoutTriggers(dice.pick(KEYS)), at: scheduler.now }),
    () => unwatch(dice.between(50, 3000)),
    () => remote.flush(),
    () => remote.save(),
    () => remote.restore(),
    () => remote.mixUp(),
  ]
  /**
   * Restores a file-level copy of the database, but only if every instance would notice the restore. Otherwise an operator would have to
   * invalidate everything by hand.
   */
  const setBackCopy = () => {
    const following = instances.filter(({ cache, started, env }) => started && !env.isSuspended && cache.stats().lagMs < 300)
    if (following.length === instances.length) database.setBackCopy(Math.min(...following.map(({ cache }) => cache.stats().clock)))
  }
  const unwatch = (ms: number) => {
    database.watch(false)
    scheduler.at(scheduler.now + ms, () => database.watch(true))
  }
  const outage = (server: { reachable: boolean }, ms: number) => {
    server.reachable = false
    scheduler.at(scheduler.now + ms, () => {
      server.reachable = true
    })
  }
  const saboteur = async () => {
    while (!stopped) {
      await scheduler.sleep(dice.between(50, 12 * maxPauseMs))
      if (!stopped) dice.pick(faults)()
    }
  }

  for (let i = 0; i < 4; i++) void client()
  void saboteur()
  if (hasExperiments || variant.uncheckedTrial) void experiments.run(instances, scheduler, () => stopped)
  await scheduler.runUntil(runMs)
  stopped = true
  database.reachable = true
  remote.reachable = true
  await scheduler.runUntil(runMs + 10_000)

  for (const instance of instances) {
    const answer = (async () => {
      for (let attempt = 0; attempt < 20; attempt++) {
        const values = await read(instance, KEYS, undefined, undefined).catch(() => [])
        if (values.length > 0 && values.every((value) => !(value instanceof Error))) return values
      }
      return []
    })()
    let values: readonly (number | Error)[] | undefined
    void answer.then((found) => {
      values = found
    })
    await scheduler.runUntil(scheduler.now + 20_000)
    KEYS.forEach((key, index) => {
      if (values?.[index] !== database.current(key))
        violations.push(`after healing: key ${key} gave ${values?.[index]}, the database has ${database.current(key)}`)
    })
    void instance.cache.close()
  }
  return { reads, served: { ...served, ...experiments.reads() }, violations, shadows }
}
