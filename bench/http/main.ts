/**
 * Compares tidegate with other GraphQL servers over HTTP: `npm run bench:http`. All servers use the same schema, resolvers, rows and Redis.
 * Prints the results as Markdown and, with `--json`, writes them as JSON.
 *
 *     --only word[,word]   runs only the cases whose name has all these words (`hot,list,post`); may be repeated. The mix of reads and
 *                          writes has the name `mix`, the stampede `stampede`, and the open model `open`
 *     --except word        leaves out the cases whose name has this word; may be repeated
 *     --rounds n           number of measurements of each server in a case (default 5)
 *     --seconds n          duration of one measurement, s (default 4)
 *     --json path          file for the results
 *     --requests n         number of requests in the mix (default 40,000)
 *     --profile name       shows where the server with this name (`tidegate`) spends its time in the first case. Nothing is compared
 *
 * Needs Linux with two cores, wrk, taskset, PostgreSQL (DATABASE_URL) and Redis (REDIS_URL). Without these variables, the script uses the
 * usual addresses of PostgreSQL and Redis.
 * Servers run on core 0, the load generator on core 1. The other servers (the peers) are packages in bench/peers, which the script
 * installs.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { CASES, type Case, hotOperation, nameOf, type Size } from './cases.ts'
import { Client, post, type Question } from './client.ts'
import { CONTESTANTS, contestantNamed, tidegate } from './contestants.ts'
import { openPlace } from './database.ts'
import { launch } from './launch.ts'
import { measureMix } from './mix.ts'
import { measureOpenModel } from './open-model.ts'
import { runCase, type Terms } from './pairing.ts'
import { profileCase } from './profile.ts'
import { type Circumstances, caseText, circumstancesText, mixText, openModelText, readCircumstances, stampedeText } from './report.ts'
import { measureStampedes } from './stampede.ts'

type References = Readonly<Record<Size, Buffer>>

const { values } = parseArgs({
  options: {
    only: { type: 'string', multiple: true },
    except: { type: 'string', multiple: true, default: [] },
    rounds: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '4' },
    requests: { type: 'string', default: '40000' },
    json: { type: 'string' },
    profile: { type: 'string' },
  },
})

const filters = values.only?.map((words) => words.split(','))
const isAskedFor = (name: string) =>
  !values.except.some((word) => name.split(' ').includes(word)) &&
  (!filters || filters.some((words) => words.every((word) => name.split(' ').includes(word))))
const cases = CASES.filter((kase) => isAskedFor(nameOf(kase)))

const folder = await mkdtemp(join(tmpdir(), 'tidegate-bench-'))
const place = await openPlace()
const uncached = await launch(tidegate(place, { CACHE: 'off' }))
const client = new Client()
const expected = async (question: Question) => (await client.ask(uncached.url, question)).data()
try {
  const terms = { rounds: Number(values.rounds), seconds: Number(values.seconds), folder, expected }
  const circumstances = await readCircumstances(place)
  process.stdout.write(circumstancesText(circumstances))
  const references = await readReferences()
  if (values.profile === undefined) await measureAll(terms, circumstances, references)
  else process.stdout.write(`\n${await profileCase(firstCase(), contestantNamed(values.profile), place, terms)}`)
} finally {
  client.close()
  await uncached.stop()
  await place.close()
  await rm(folder, { recursive: true, force: true })
}

async function measureAll(terms: Terms, circumstances: Circumstances, references: References): Promise<void> {
  const results: Record<string, unknown> = {}
  for (const kase of cases) {
    const contestants = CONTESTANTS.filter(({ takes }) => takes(kase))
    const result = await runCase(kase, contestants, place, references[kase.size], terms)
    results[nameOf(kase)] = result
    process.stdout.write(caseText(result))
  }
  if (isAskedFor('stampede')) {
    const stampedes = await measureStampedes(place, JSON.parse(references.list.toString()).data, terms.rounds)
    results['stampede'] = stampedes
    process.stdout.write(stampedeText(stampedes))
  }
  if (isAskedFor('open')) {
    const latencies = await measureOpenModel(place, references.list, terms)
    results['open'] = latencies
    process.stdout.write(openModelText(latencies))
  }
  // The mix of reads and writes is measured last, because it changes the rows in the database.
  if (isAskedFor('mix')) {
    const mix = await measureMix(place, Number(values.requests))
    results['mix'] = mix
    process.stdout.write(mixText(mix))
  }
  if (values.json !== undefined)
    await writeFile(
      values.json,
      `${JSON.stringify({ ...circumstances, ...terms, folder: undefined, expected: undefined, results }, null, 2)}\n`,
    )
}

function firstCase(): Case {
  const [first] = cases
  if (!first)
    throw new Error(
      `--only: expected words from the name of a case (${CASES.map(nameOf).join('; ')}), but no case has all the given words.`,
    )
  return first
}

/** Returns the responses that tidegate sends without its cache. The limit sends these bytes. */
async function readReferences(): Promise<References> {
  const authorization = await place.authorization('VIEWER')
  const answerOf = async (size: Size) => {
    const answer = await client.ask(uncached.url, post(hotOperation(size), authorization))
    answer.data()
    return answer.bytes
  }
  return { small: await answerOf('small'), list: await answerOf('list') }
}
