import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { readConfig } from '#src/config/config.ts'
import { Random } from '#src/market/seed/random.ts'
import type { EnvelopeRunOptions, EnvelopeTally, SendEnvelope } from './envelope-run.ts'
import { envelopeReport, runEnvelopes } from './envelope-run.ts'
import { envelopeDocuments, envelopeManifest } from './envelope-shapes.ts'
import { documentedBytes, documentedHeapMib, floodFindings, floodReport } from './flood.ts'
import { runFlood } from './flood-run.ts'
import { FuzzRun, newTally, type Tally } from './fuzz-run.ts'
import { AREAS, type Area, generateRequests } from './generate.ts'
import { measureHeap } from './heap.ts'
import { createHostileDatabase, type HostileDatabase } from './hostile-database.ts'
import { FLOODED, HostileGateway } from './hostile-gateway.ts'
import { runRecognition } from './recognition-run.ts'
import { report } from './report.ts'
import { STORES, type StoreName } from './store-watch.ts'
import { openWorld } from './world.ts'

const USAGE = `Usage: npm run fuzz -- [--seconds 60] [--seed 1] [--only ${AREAS.join('|')}] [--without-generator] [--without-heap] [--profile folder] [--envelopes 2000] [--slack 1]
       npm run fuzz -- --streams 1000000 [--seed 1]
       npm run fuzz -- --flood 100000 [--seed 1] [--without-shares ${STORES.map((name) => JSON.stringify(name)).join('|')}]

Sends hostile requests to a gateway of its own and looks for those that block it, end it, or are refused in a wrong way.
  --seconds            how long requests are sent (default 60, 0: nothing but envelopes); starting, and measuring memory, come on top
  --seed               the same number gives the same requests (default 1)
  --only               one area, or several separated by commas
  --without-generator  leaves out what is asked of the generator of domains
  --without-heap       does not measure the heap that the dearest accepted operations take, each in three processes of its own
  --envelopes          how many random envelopes are sent first, each several times (default 2000, 0: none)
  --slack              multiplies the limits of time, for a machine that is slower or shared (default 1)
  --streams            sends so many requests and nothing else, in chunks cut anywhere, to a server that recognises requests by their bytes and
                       to one that does not: both must send the same bytes
  --flood              sends so many made-up requests of one caller and nothing else: what memory they take, and what another caller loses
  --without-shares     floods a broken variant: this store is not shared fairly, which must be found
  --profile            writes CPU profiles of the gateways to this folder
Exit code 1: something was found. 2: the run itself failed.`

/** Share of the run in which introspection and batches are allowed. */
const OPEN_SHARE = 0.3
const BATCH_LIMIT = 10
const HEAP_OPERATIONS = 2
/** Number of documents per caller in a flood. */
const FLOOD_DOCUMENTS = 200
/** Share of the random requests that are sent to a gateway which executes only trusted documents. */
const EXCLUSIVE_SHARE = 0.25

interface Arguments {
  readonly seconds: number
  readonly seed: string
  readonly areas: readonly Area[]
  readonly withoutGenerator: boolean
  readonly withoutHeap: boolean
  readonly profile: string | undefined
  readonly envelopes: number
  readonly slack: number
  /** Number of invented requests; 0 to skip the flood. */
  readonly flood: number
  readonly withoutShares: StoreName | undefined
  /** Number of requests of the comparison of byte streams; 0 to skip it. */
  readonly streams: number
}

function readArguments(): Arguments | undefined {
  const { values } = parseArgs({
    options: {
      seconds: { type: 'string', default: '60' },
      seed: { type: 'string', default: '1' },
      only: { type: 'string', default: AREAS.join() },
      'without-generator': { type: 'boolean', default: false },
      'without-heap': { type: 'boolean', default: false },
      profile: { type: 'string' },
      envelopes: { type: 'string', default: '2000' },
      slack: { type: 'string', default: '1' },
      flood: { type: 'string', default: '0' },
      streams: { type: 'string', default: '0' },
      'without-shares': { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  })
  const seconds = Number(values.seconds)
  const envelopes = Number(values.envelopes)
  const slack = Number(values.slack)
  const flood = Number(values.flood)
  const streams = Number(values.streams)
  const names = values.only.split(',')
  const areas = AREAS.filter((area) => names.includes(area))
  const withoutShares = STORES.find((name) => name === values['without-shares'])
  if (withoutShares !== values['without-shares']) return undefined
  if (
    values.help ||
    !(seconds >= 0) ||
    !(slack >= 1) ||
    !isCount(envelopes) ||
    !isCount(flood) ||
    !isCount(streams) ||
    areas.length !== names.length
  )
    return undefined
  return {
    seconds,
    seed: values.seed,
    areas,
    withoutGenerator: values['without-generator'],
    withoutHeap: values['without-heap'],
    profile: values.profile,
    envelopes,
    slack,
    flood,
    streams,
    withoutShares,
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
  if (given.streams > 0) return await compareStreams(given)
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
      // The known attacks have expected responses only for a gateway with introspection turned off.
      const areas = given.areas.filter((area) => area !== 'attacks' || !introspection)
      const random = new Random(`${given.seed}, introspection ${introspection}`)
      await run.run(generateRequests(random, world, { areas, batchLimit, withoutGenerator: given.withoutGenerator }))
    }
    const heap = await measureHeap(
      tally,
      given.withoutHeap ? 0 : HEAP_OPERATIONS,
      readConfig({}).limits.maxOperationHeapBytes,
      gatewayWith({ INTROSPECTION: 'on' }, ['--expose-gc']),
    )
    print(report(tally, heap))
    return hasFoundEnvelopes || hasFailed(tally) || heap.some(({ growth, limit }) => growth > limit) ? 1 : 0
  } finally {
    await database.drop()
  }
}

/** Sends the same chunks of bytes to a server with recognition of requests and to one without. @returns the exit code. */
async function compareStreams({ streams, seed }: Arguments): Promise<number> {
  const every = 1000
  const { connections, chunks, requests, recognised, chances, findings } = await runRecognition({
    requests: streams,
    seed,
    onProgress: ({ connections: opened, requests: sent, findings: found }) => {
      if (opened % every === 0) print(`${sent} requests on ${opened} connections, ${found.length} findings`)
    },
  })
  print(
    `${requests} requests in ${chunks} chunks on ${connections} connections; ${recognised} were recognised by their bytes; ${chances} connections differed by chance`,
  )
  print(findings.length === 0 ? 'nothing found' : findings.map((finding) => `FOUND ${finding}`).join('\n'))
  return findings.length > 0 ? 1 : 0
}

/** Floods a gateway with invented requests and prints the findings. @returns the exit code. */
async function flood({ flood: requests, seed, withoutShares }: Arguments, { url, ids }: HostileDatabase): Promise<number> {
  const { cache, server } = readConfig({})
  const documented = documentedBytes(cache.memoryBytes, server.requestMemoryBytes)
  const gateway = await HostileGateway.start({
    databaseUrl: url,
    env: { ...FLOODED.env, ...(withoutShares === undefined ? {} : { STORE_WITHOUT_SHARES: withoutShares }) },
    nodeOptions: [...FLOODED.nodeOptions, `--max-old-space-size=${documentedHeapMib(documented)}`],
  })
  try {
    const figures = await runFlood({
      gateway: gateway.flooded(),
      requests,
      seed,
      documents: FLOOD_DOCUMENTS,
      fields: {
        own: `campaign(id: ${JSON.stringify(ids.campaigns[0])}) { id name }`,
        madeUp: (name) => `liveDomain(name: ${JSON.stringify(name)}) { name unicodeName tld status popularityRank }`,
        byName: 'query($name: DomainName!) { liveDomain(name: $name) { name tld status } }',
        large: 'tlds(kind: COUNTRY_CODE) { name unicodeName kind }',
      },
      onProgress: (sent, rss) => print(`${sent} sent, ${(rss / 2 ** 20).toFixed(0)} MiB`),
    })
    const findings = floodFindings(figures, documented)
    print(`${floodReport(figures)}\n${findings.length === 0 ? 'nothing found' : findings.map((finding) => `FOUND ${finding}`).join('\n')}`)
    return findings.length > 0 ? 1 : 0
  } finally {
    await gateway.stop()
  }
}

type GatewayWith = (env: Readonly<Record<string, string>>) => () => Promise<HostileGateway>

/** Sends random requests to gateways with and without a cache, and prints the findings. @returns whether there are any findings. */
async function sendEnvelopes({ envelopes, seed }: Arguments, id: string, gatewayWith: GatewayWith): Promise<boolean> {
  const folder = await mkdtemp(join(tmpdir(), 'tidegate-trusted-'))
  const file = join(folder, 'documents.json')
  try {
    const documents = envelopeDocuments(id)
    await writeFile(file, JSON.stringify(envelopeManifest(documents)))
    const exclusive = Math.round(envelopes * EXCLUSIVE_SHARE)
    let hasFound = false
    for (const { only, count } of [
      { only: 'off', count: envelopes - exclusive },
      { only: 'on', count: exclusive },
    ]) {
      const env = { TRUSTED_DOCUMENTS: file, TRUSTED_DOCUMENTS_ONLY: only }
      const { tally, logged } = await compareGateways({ count, seed: `${seed}, only trusted ${only}`, documents }, env, gatewayWith)
      print(`trusted documents only: ${only}\n${[envelopeReport(tally), ...logged.map((line) => `LOGGED ${line}`)].join('\n')}\n`)
      hasFound ||= tally.findings.length > 0 || logged.length > 0
    }
    return hasFound
  } finally {
    await rm(folder, { recursive: true })
  }
}

async function compareGateways(
  terms: Pick<EnvelopeRunOptions, 'count' | 'seed' | 'documents'>,
  env: Readonly<Record<string, string>>,
  gatewayWith: GatewayWith,
): Promise<{ tally: EnvelopeTally; logged: readonly string[] }> {
  const gateways = await Promise.all([gatewayWith(env)(), gatewayWith({ ...env, CACHE: 'off' })()])
  try {
    const [cached, uncached] = gateways.map(
      (gateway): SendEnvelope =>
        (sent) =>
          gateway.sendEnvelope(sent),
    ) as [SendEnvelope, SendEnvelope]
    const tally = await runEnvelopes({ ...terms, cached, uncached })
    return { tally, logged: gateways.flatMap(({ errorLines }) => errorLines) }
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
