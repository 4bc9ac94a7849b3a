import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startGateway } from '../e2e/gateway.ts'
import { createDatabase, type TestDatabase } from '../servers/database.ts'
import { type RedisServer, startRedis } from '../servers/redis.ts'
import {
  KEYS_WITHOUT_SHAPES,
  makeRelease,
  OTHER_DIMENSIONS,
  OTHER_SHAPES,
  type Patch,
  type Release,
  WATCHES_CHECKED_LATE,
} from './release.ts'
import { ReleaseLoad, type Serving } from './release-load.ts'

const PHASE_MS = 1500

/** Defects that the load must detect. They take a minute more: `npm run test:thorough -- releases`. */
const DEFECTS: readonly (readonly [string, readonly Patch[], readonly Patch[], RegExp])[] = [
  [
    'cache keys do not contain the shape of the value',
    OTHER_SHAPES,
    KEYS_WITHOUT_SHAPES,
    /: (?:campaign|quiet)\.(?:statistics\.lostBids|domainCount) /,
  ],
  ['an instance checks the triggers of its types too late', OTHER_DIMENSIONS, WATCHES_CHECKED_LATE, /campaigns of an owner/],
]

describe('two releases on one PostgreSQL and one Redis, under load', () => {
  let redis: RedisServer
  let database: TestDatabase
  const started: Serving[] = []
  const releases: Release[] = []

  beforeAll(async () => {
    redis = await startRedis()
  })
  afterAll(async () => {
    await redis?.stop()
  })

  /** Starts gateways and the load on a new database. @param common Patches of both releases. */
  const begin = async (changed: readonly Patch[], common: readonly Patch[] = []) => {
    database = await createDatabase({ seed: true })
    const older = await makeRelease('older', common)
    const newer = await makeRelease('newer', [...common, ...changed])
    releases.push(older, newer)
    const start = async (isNewer: boolean): Promise<Serving> => {
      const env = { DATABASE_URL: database.url, REDIS_URL: redis.url, REDIS_PREFIX: database.name, LOG_LEVEL: 'info' }
      const serving = {
        gateway: await startGateway(env, (isNewer ? newer : older).folder),
        isNewer,
        hasLostBids: isNewer && changed === OTHER_SHAPES,
      }
      started.push(serving)
      return serving
    }
    return { start, load: await ReleaseLoad.start(await start(false), database) }
  }
  const end = async (load: ReleaseLoad) => {
    await load.stop()
    await Promise.all(started.splice(0).map(({ gateway }) => gateway.stop()))
    await Promise.all(releases.splice(0).map((release) => release.remove()))
    await database.drop()
  }

  it.each([
    ['values of another shape', OTHER_SHAPES],
    ['other cache dimensions', OTHER_DIMENSIONS],
  ])(
    'respond without an error and without a stale value while a release with %s is deployed and rolled back',
    async (_, changed) => {
      const { start, load } = await begin(changed)
      const deploy = async (isNewer: boolean) => {
        await pause(PHASE_MS)
        const before = load.serving
        const after = await start(isNewer)
        load.serving = [...before, after]
        await pause(PHASE_MS)
        for (const gone of before) {
          await load.drain(gone)
          expect(await gone.gateway.stop()).toBe(0)
          started.splice(started.indexOf(gone), 1)
        }
      }
      try {
        await deploy(true)
        await deploy(false)
        await pause(PHASE_MS)
      } finally {
        await end(load)
      }
      expect(load.problems).toEqual([])
      expect(load.hits.older).toBeGreaterThan(0)
      expect(load.hits.newer).toBeGreaterThan(0)
      process.stdout.write(`${load.reads} reads (hits: ${load.hits.older} older, ${load.hits.newer} newer), ${load.writes} writes\n`)
    },
    150_000,
  )

  it.each(process.env['RELEASES_ALL'] === '1' ? DEFECTS : [])(
    'return wrong values, and this test detects that, if %s',
    async (_, changed, common, problem) => {
      const { start, load } = await begin(changed, common)
      try {
        await pause(PHASE_MS)
        load.serving = [...load.serving, await start(true)]
        await expect.poll(() => load.problems.join('\n'), { timeout: 30_000 }).toMatch(problem)
      } finally {
        await end(load)
      }
    },
    100_000,
  )
})
