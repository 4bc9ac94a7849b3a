import type { Case, Contestant } from './cases.ts'
import type { Place } from './database.ts'
import type { Launch } from './launch.ts'

/**
 * Types and fields with `@cache` that the operations of the benchmark use. If `l1` is 0 for all of them, tidegate caches these operations
 * only in Redis.
 */
const COORDINATES = ['Query.campaigns', 'Campaign', 'Campaign.domainCount', 'User', 'Tenant'] as const
const ONLY_REDIS = JSON.stringify(Object.fromEntries(COORDINATES.map((coordinate) => [coordinate, { l1: 0 }])))

const isMiss = ({ temperature }: Case) => temperature === 'cold' || temperature === 'new'
const isHot = ({ temperature }: Case) => temperature === 'hot'
const hasNewFields = ({ variety }: Case) => variety === 'fields'
const isHotBody = (kase: Case) => isHot(kase) && kase.method !== '304' && !hasNewFields(kase)
const isShared = ({ temperature }: Case) => temperature === 'l2'
const isUncached = (kase: Case) => isMiss(kase) || (kase.temperature === 'hot' && kase.method === 'post' && !kase.variety)
const isInMemory = (kase: Case) => isHotBody(kase) || isMiss(kase)

export function tidegate(place: Place, env: Readonly<Record<string, string>> = {}): Launch {
  return { script: 'src/main.ts', env: { ...place.env, ...env } }
}

const peer =
  (name: string, ...args: readonly string[]) =>
  (place: Place): Launch => ({ script: `bench/http/servers/${name}.ts`, args, env: place.env })

/** All servers under comparison. The bare node:http server, to whose rate each of them is compared, is not among them. */
export const CONTESTANTS: readonly Contestant[] = [
  { name: 'tidegate', level: 'L1', launch: tidegate, takes: (kase) => isHot(kase) || isMiss(kase) },
  {
    name: 'tidegate, RECOGNISE_REQUESTS=off',
    level: 'L1',
    launch: (place) => tidegate(place, { RECOGNISE_REQUESTS: 'off' }),
    takes: hasNewFields,
  },
  { name: 'tidegate, from Redis', level: 'L2', launch: (place) => tidegate(place, { CACHE_POLICIES: ONLY_REDIS }), takes: isShared },
  { name: 'Apollo Server, no cache', launch: peer('apollo'), takes: isUncached },
  { name: 'Apollo Server, response cache, memory', launch: peer('apollo', '--cache', 'memory'), takes: isInMemory },
  { name: 'Apollo Server, response cache, Redis', launch: peer('apollo', '--cache', 'redis'), takes: isShared },
  { name: 'Yoga, response cache, memory', launch: peer('yoga'), takes: (kase) => (isHot(kase) && !hasNewFields(kase)) || isMiss(kase) },
  { name: 'Mercurius with JIT, no cache', launch: peer('mercurius'), takes: isUncached },
  { name: 'Mercurius with JIT, cache of each field, memory', launch: peer('mercurius', '--cache', 'memory'), takes: isInMemory },
  {
    name: 'Mercurius with JIT, cache of the tree, memory',
    launch: peer('mercurius', '--cache', 'memory', '--tree'),
    takes: isHotBody,
  },
  { name: 'Mercurius with JIT, cache of the tree, Redis', launch: peer('mercurius', '--cache', 'redis', '--tree'), takes: isShared },
]

/** Returns the server with that name. @throws Error if there is none. */
export function contestantNamed(name: string): Contestant {
  const found = CONTESTANTS.find((contestant) => contestant.name === name)
  if (!found)
    throw new Error(`Expected the name of a server (${CONTESTANTS.map((contestant) => contestant.name).join('; ')}), got "${name}".`)
  return found
}
