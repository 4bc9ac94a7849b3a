import assert from 'node:assert/strict'
import pg from 'pg'
import { makeRelease, type Patch } from '../../system/release.ts'
import type { FaultContext, FaultResult } from '../fault.ts'
import { startLink } from '../link.ts'
import { addCallTenant, CallGateway } from './call-gateway.ts'
import { type Disturbance, type RoundOptions, type RoundResult, runRound } from './withdrawal-round.ts'
import { withdrawals } from './withdrawals.ts'

const REPETITIONS = 8
/** Instance that is connected to the database through a link which can lose replies. */
const LINKED = 0
const SLEEPER = 1
const RULES = { consentRequired: true }

/** Patches for a program that checks suppressions and consents of a caller once, and believes what it found from then on. */
const REMEMBERS_CALLERS: readonly Patch[] = [
  {
    file: 'src/market/modules/routing/facts.ts',
    from: '  const row = rows[0]\n',
    to: `  const read = rows[0]
  const known = remembered.get(caller.toString('hex')) ?? read
  if (known) remembered.set(caller.toString('hex'), known)
  const row = read && known && { ...read, suppressions: known.suppressions,
    isConsentGiven: known.isConsentGiven, isConsentRevoked: known.isConsentRevoked }
`,
  },
  {
    file: 'src/market/modules/routing/facts.ts',
    from: '/** Reads all that a decision depends on',
    to: 'const remembered = new Map<string, FactsRow>()\n\n/** Reads all that a decision depends on',
  },
]

/** Runs fault F31: callers withdraw in every way, under every disturbance, and no later ping or post may ignore it. */
export async function runRevocations(context: FaultContext): Promise<FaultResult> {
  const { quick } = context
  const [database, redis] = await Promise.all([context.database(), context.redis()])
  const tenant = await addCallTenant(database, 'calls')
  const pool = new pg.Pool({ connectionString: database.url, max: 4 })
  context.defer(() => pool.end())
  const query = async (statement: string, parameters: readonly unknown[]) => (await pool.query(statement, [...parameters])).rows
  const link = await startLink(Number(new URL(database.url).port))
  context.defer(() => link.close())
  const servers = { databaseUrl: database.url, redisUrl: redis.url }
  const start = async (urls: typeof servers, release?: string) => {
    const gateway = await CallGateway.start(urls, tenant, release)
    context.defer(async () => {
      gateway.gateway.process.kill('SIGCONT')
      await gateway.gateway.stop('SIGKILL')
    })
    return gateway
  }
  const release = await makeRelease('remembers-callers', REMEMBERS_CALLERS)
  context.defer(() => release.remove())
  const linked = { ...servers, databaseUrl: database.urlThrough(link.port) }
  const [first, second, broken, ...others] = await Promise.all([
    start(linked),
    start(servers),
    start(servers, release.folder),
    ...(quick ? [] : [start(servers)]),
  ])
  const gateways = [first, second, ...others]
  await first.publishRules(RULES)
  const sleeper = second.gateway.process

  const disturbances: readonly Disturbance[] = [
    CALM,
    { name: 'Redis away', isFor: () => true, begin: () => redis.stop('SIGKILL'), end: () => redis.start() },
    {
      name: 'an instance asleep amid pings',
      // What waits for a ping that sleeps is stored when it wakes up.
      isFor: ({ waitsForPings }) => !waitsForPings,
      sleeper: SLEEPER,
      begin: async () => sleeper.kill('SIGSTOP'),
      // The next pings are in the pipe of the sleeper before it wakes up.
      end: async () => sleeper.kill('SIGCONT'),
    },
    {
      name: 'an instance asleep',
      isFor: ({ waitsForPings }) => waitsForPings === true,
      sleeper: SLEEPER,
      silent: SLEEPER,
      begin: async () => sleeper.kill('SIGSTOP'),
      end: async () => sleeper.kill('SIGCONT'),
    },
    {
      name: 'barriers that fail',
      isFor: () => true,
      begin: () => database.query('alter function cache.follow(bigint, integer) rename to follow_away'),
      end: () => database.query('alter function cache.follow_away(bigint, integer) rename to follow'),
    },
    {
      name: 'a lost reply to COMMIT',
      isFor: ({ mutation }) => mutation !== undefined,
      answering: LINKED,
      silent: LINKED,
      begin: async () => {
        link.mode = 'lose commits'
      },
      afterWithdrawals: () => {
        link.mode = 'pass'
      },
      end: async () => undefined,
    },
  ]
  let callers = 0
  const run = (round: Pick<RoundOptions, 'withdrawals' | 'disturbance' | 'gateways'>) => {
    const firstCaller = callers
    callers += round.withdrawals.length
    return runRound({ ...round, query, tenant, firstCaller })
  }
  const rounds: RoundResult[] = []
  for (let repetition = 0; repetition < (quick ? 1 : REPETITIONS); repetition++)
    for (const [index, disturbance] of disturbances.entries()) {
      const possible = withdrawals.filter(disturbance.isFor)
      const disturbed = quick ? everyThird(possible, index) : possible
      const result = await run({ withdrawals: disturbed, disturbance, gateways })
      rounds.push(result)
      if (disturbance.answering !== undefined)
        assert.equal(result.unconfirmed, disturbed.length, 'withdrawals whose reply to COMMIT is lost')
    }
  const withdrawn = callers
  const judged = quick ? everyThird(withdrawals, 0) : withdrawals
  const found = (await run({ withdrawals: judged, disturbance: CALM, gateways: [broken] })).problems
  for (const { name } of judged)
    assert.ok(
      found.some(({ withdrawal }) => withdrawal === name),
      `a program that remembers what it knew of a caller is found by ${name}`,
    )
  const problems = rounds.flatMap((round) => round.problems)
  const sum = (figure: (round: RoundResult) => number) => rounds.reduce((total, round) => total + figure(round), 0)
  const failedBarriers = await Promise.all(gateways.map((gateway) => gateway.failedBarriers()))
  return {
    operations: sum(({ operations }) => operations),
    anomalies: problems.length,
    firstAnomalies: problems.slice(0, 10).map(({ text }) => text),
    recoveryMs: undefined,
    figures: {
      withdrawals: withdrawn,
      'pings while a caller withdrew': sum(({ during }) => during),
      'withdrawals that were stored but not confirmed': sum(({ unconfirmed }) => unconfirmed),
      'pings without an answer': sum(({ undecided }) => undecided),
      'barriers that failed': failedBarriers.reduce((total, count) => total + count, 0),
      'anomalies of a program that remembers callers': found.length,
    },
  }
}

/** Returns at least one item, and each item for one of three offsets. */
function everyThird<Item>(items: readonly Item[], offset: number): readonly Item[] {
  return items.filter((_, index) => (items.length === 1 ? true : (index + offset) % 3 === 0))
}

const CALM: Disturbance = { name: 'nothing broken', isFor: () => true, begin: async () => undefined, end: async () => undefined }
