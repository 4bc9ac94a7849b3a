import { parseArgs } from 'node:util'
import { readConfig } from '../../src/config/config.ts'
import { Random } from '../../src/seed/random.ts'
import { envelopeReport, runEnvelopes, type SendEnvelope } from './envelope-run.ts'
import { documentedBytes, FLOOD_ENV, floodFindings, floodReport, runFlood } from './flood.ts'
import { FuzzRun, newTally, type Tally } from './fuzz-run.ts'
import { AREAS, type Area, generateRequests } from './generate.ts'
import { measureHeap } from './heap.ts'
import { createHostileDatabase, type HostileDatabase } from './hostile-database.ts'
import { HostileGateway } from './hostile-gateway.ts'
import { report } from './report.ts'
import { openWorld } from './world.ts'

const USAGE = `Usage: npm run fuzz -- [--seconds 60] [--seed 1] [--only ${AREAS.join('|')}] [--without-generator] [--profile folder] [--envelopes 2000] [--slack 1]
       npm run fuzz -- --flood 100000 [--seed 1]

Sends hostile requests to a gateway of its own and looks for those that block it, end it, or are refused in a wrong way.
  --seconds            how long requests are sent (default 60); starting, and measuring memory, come on top
  --seed               the same number gives the same requests (default 1)
  --only               one area, or several separated by commas
  --without-generator  leaves out what is asked of the generator of domains
  --envelopes          how many random envelopes are sent first, each several times (default 2000, 0: none)
  --slack              multiplies the limits of time, for a machine that is slower or shared (default 1)
  --flood              sends so many made-up requests of anonymous callers and nothing else: what memory they take, and what a user loses
  --profile            writes CPU profiles of the gateways to this folder
Exit code 1: something was found. 2: the run itself failed.`

/** The share of the time in which the schema may be asked for and batches are allowed. */
const OPEN_SHARE = 0.3
const BATCH_LIMIT = 10
const HEAP_OPERATIONS = 2

interface Arguments {
  readonly seconds: number
  readonly seed: string
  readonly areas: readonly Area[]
  readonly withoutGenerator: boolean
  readonly profile: string | undefined
  readonly envelopes: number
  readonly slack: number
  /** 0: none. */
  readonly flood: number
}

function readArguments(): Arguments | undefined {
  const { values } = parseArgs({
    options: {
      seconds: { type: 'string', default: '60' },
      seed: { type: 'string', default: '1' },
      only: { type: 'string', default: AREAS.join() },
      'without-generator': { type: 'boolean', default: false },
      profile: { type: 'string' },
      envelopes: { type: 'string', default: '2000' },
      slack: { type: 'string', default: '1' },
      flood: { type: 'string', default: '0' },
      help: { type: 'boolean', default: false },
    },
  })
  const seconds = Number(values.seconds)
  const envelopes = Number(values.envelopes)
  const slack = Number(values.slack)
  const flood = Number(values.flood)
  const names = values.only.split(',')
  const areas = AREAS.filter((area) => names.includes(area))
  if (values.help || !(seconds > 0) || !(slack >= 1) || !isCount(envelopes) || !isCount(flood) || areas.length !== names.length)
    return undefined
  return {
    seconds,
    seed: values.seed,
    areas,
    withoutGenerator: values['without-generator'],
    profile: values.profile,
    envelopes,
    slack,
    flood,
  }
}

function isCount(number: number): boolean {
  return Number.isInteger(number) && number >= 0
}

async function main(): Promise<number> {
  const given = readArguments()
  if (!given) {
    print(USAGE)
    return 2
  }
  const database = await createHostileDatabase()
  try {
    if (given.flood > 0) return await flood(given, database)
    const world = await openWorld(database.ids)
    const tally = newTally()
    const profile = given.profile === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${given.profile}`]
    const gatewayWith =
      (env: Readonly<Record<string, string>>, nodeOptions: readonly string[] = profile) =>
      () =>
        HostileGateway.start({ databaseUrl: database.url, env, nodeOptions })
    const hasFoundEnvelopes = given.envelopes > 0 && (await sendEnvelopes(given, world.ids.campaigns[0], gatewayWith))
    const phases = [
      { introspection: false, batchLimit: 0, share: 1 - OPEN_SHARE, env: {} },
      { introspection: true, batchLimit: BATCH_LIMIT, share: OPEN_SHARE, env: { INTROSPECTION: 'on', BATCH_LIMIT: String(BATCH_LIMIT) } },
    ]
    for (const { introspection, batchLimit, share, env } of phases) {
      const until = Date.now() + given.seconds * 1000 * share
      const run = new FuzzRun({ start: gatewayWith(env), introspection, tally, until, slack: given.slack })
      // The table of attacks says what a gateway answers that keeps its schema to itself.
      const areas = given.areas.filter((area) => area !== 'attacks' || !introspection)
      const random = new Random(`${given.seed}, introspection ${introspection}`)
      await run.run(generateRequests(random, world, { areas, batchLimit, withoutGenerator: given.withoutGenerator }))
    }
    const heap = await measureHeap(
      tally,
      HEAP_OPERATIONS,
      readConfig({}).limits.maxOperationHeapBytes,
      gatewayWith({ INTROSPECTION: 'on' }, ['--expose-gc']),
    )
    print(report(tally, heap))
    return hasFoundEnvelopes || hasFailed(tally) || heap.some(({ growth, limit }) => growth > limit) ? 1 : 0
  } finally {
    await database.drop()
  }
}

/** @returns The exit code. */
async function flood({ flood: requests, seed }: Arguments, { url, ids }: HostileDatabase): Promise<number> {
  const gateway = await HostileGateway.start({ databaseUrl: url, env: FLOOD_ENV, nodeOptions: ['--max-old-space-size=4096'] })
  try {
    const figures = await runFlood({
      gateway,
      requests,
      seed,
      campaign: ids.campaigns[0],
      onProgress: (sent, rss) => print(`${sent} sent, ${(rss / 2 ** 20).toFixed(0)} MiB`),
    })
    const { cache, server } = readConfig({})
    const findings = floodFindings(figures, documentedBytes(cache.memoryBytes, server.requestMemoryBytes))
    print(`${floodReport(figures)}\n${findings.length === 0 ? 'nothing found' : findings.map((finding) => `FOUND ${finding}`).join('\n')}`)
    return findings.length > 0 ? 1 : 0
  } finally {
    await gateway.stop()
  }
}

/** @returns Whether anything was found. */
async function sendEnvelopes(
  { envelopes: count, seed }: Arguments,
  id: string,
  gatewayWith: (env: Readonly<Record<string, string>>) => () => Promise<HostileGateway>,
): Promise<boolean> {
  const gateways = await Promise.all([gatewayWith({})(), gatewayWith({ CACHE: 'off' })()])
  try {
    const [cached, uncached] = gateways.map(
      (gateway): SendEnvelope =>
        (sent) =>
          gateway.sendEnvelope(sent),
    ) as [SendEnvelope, SendEnvelope]
    const tally = await runEnvelopes({ count, seed, id, cached, uncached })
    const logged = gateways.flatMap(({ errorLines }) => errorLines)
    print(`${[envelopeReport(tally), ...logged.map((line) => `LOGGED ${line}`)].join('\n')}\n`)
    return tally.findings.length > 0 || logged.length > 0
  } finally {
    await Promise.all(gateways.map((gateway) => gateway.stop()))
  }
}

function hasFailed({ findings }: Tally): boolean {
  return findings.length > 0
}

function print(text: string): void {
  process.stdout.write(`${text}\n`)
}

main().then(
  (exitCode) => process.exit(exitCode),
  (error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.stack : error}\n`)
    process.exit(2)
  },
)
