import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import { setImmediate, setTimeout } from 'node:timers/promises'
import { type DomainConfig, limits } from '#src/market/rules/naming/domain-config.ts'
import { suggestDomains } from '#src/market/rules/naming/generate-domains.ts'
import { toAsciiName, toUnicodeName } from '#src/market/rules/naming/idna.ts'
import { rightToLeftTlds, topLevelDomains } from '#src/market/rules/naming/top-level-domains.ts'
import { WorkQueue } from '#src/market/rules/naming/work-queue.ts'

/**
 * Measures the CPU time of generating domain names, and the effect on other requests in the process. First it measures the conversion of
 * one name. Then it measures the most expensive request that the limits accept, in each of several scripts (Latin, Arabic and so on).
 * Finally 1,000 callers concurrently send such requests, and it measures how long other requests take meanwhile.
 */
const CALLERS = 1_000
const SLICES_MS = process.argv.slice(2).map(Number)

const international = [...topLevelDomains.keys()].filter((name) => name.startsWith('xn--') && !rightToLeftTlds.has(name))
const manyTlds = ['com', ...rightToLeftTlds, ...international].slice(0, limits.tlds)

/** The most expensive request in each script that the limits accept, found by trying lengths, patterns and numbers of keywords. */
const requests: Readonly<Record<string, DomainConfig>> = {
  Latin: { keywords: words('abcdefghijklmnopqrstuvwxyz', 20, 4), patterns: ['{action}{keyword}{city}'] },
  Cyrillic: { keywords: words('абвгдежзиклмнопрстуфхцчшщэюя', 30, 4), patterns: ['{keyword}{city}'] },
  Arabic: { keywords: words('ابتثجحخدذرزسشصضطظعغفقكلمنهوي', 34, 20), patterns: ['{keyword}{keyword2}'] },
  Han: {
    keywords: words(String.fromCharCode(...Array.from({ length: 400 }, (_, index) => 0x4e00 + 17 * index)), 20, 12),
    patterns: ['{keyword}{city}'],
  },
}

function words(letters: string, count: number, length: number): string[] {
  const at = (place: number) => letters[place % letters.length]
  return Array.from({ length: count }, (_, word) =>
    [at(Math.floor(word / 20)), at(word % 20), ...Array.from({ length: length - 2 }, (_, index) => at(word * 7 + index * 3))].join(''),
  )
}

async function measureRequest(script: string, config: DomainConfig, tlds: readonly string[], sliceMs = 0.25) {
  const slices: number[] = []
  let begun = 0
  const queue = new WorkQueue({
    sliceMs,
    nextTurn: async () => {
      if (begun > 0) slices.push(performance.now() - begun)
      await setImmediate()
      begun = performance.now()
    },
  })
  const before = process.cpuUsage()
  const suggestions = await suggestDomains({ ...config, tlds, limit: limits.suggestions }, queue)
  const { user, system } = process.cpuUsage(before)
  return {
    script,
    tlds: tlds.length,
    'CPU ms': (user + system) / 1_000,
    slices: slices.length + 1,
    'median slice ms': quantile(slices, 0.5),
    'p99 slice ms': quantile(slices, 0.99),
    'worst slice ms': Math.max(...slices),
    names: suggestions.length,
  }
}

function measureConversion(what: string, convert: () => unknown) {
  for (let run = 0; run < 5_000; run += 1) convert()
  const begun = performance.now()
  for (let run = 0; run < 20_000; run += 1) convert()
  return { conversion: what, µs: (performance.now() - begun) / 20 }
}

/**
 * Measures round trips over a socket, one after the other, until `isDone` returns true. Each round trip takes a few turns of the event
 * loop.
 */
async function probe(isDone: () => boolean): Promise<number[]> {
  const server = createServer((socket) => void socket.setNoDelay().pipe(socket)).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('Expected the probe to listen on a TCP port.')
  const socket = connect(address.port, '127.0.0.1').setNoDelay()
  await once(socket, 'connect')
  const times: number[] = []
  while (!isDone()) {
    const begun = performance.now()
    socket.write('x')
    await once(socket, 'data')
    times.push(performance.now() - begun)
    await setTimeout(1)
  }
  socket.destroy()
  server.close()
  return times
}

async function measureOthers(sliceMs: number) {
  const deadline = performance.now() + 2_000
  const alone = await probe(() => performance.now() > deadline)
  const queue = new WorkQueue({ sliceMs })
  const dear = Object.values(requests)
  let left = CALLERS
  let refused = 0
  const begun = performance.now()
  const generations = Array.from({ length: CALLERS }, (_, index) =>
    suggestDomains({ ...(dear[index % dear.length] ?? { keywords: [] }), tlds: manyTlds, limit: limits.suggestions }, queue)
      .catch(() => {
        refused += 1
      })
      .finally(() => {
        left -= 1
      }),
  )
  const beside = await probe(() => left === 0)
  await Promise.all(generations)
  return {
    'slice ms': sliceMs,
    generated: CALLERS - refused,
    refused,
    seconds: (performance.now() - begun) / 1_000,
    'p50 alone': quantile(alone, 0.5),
    'p50 beside': quantile(beside, 0.5),
    'p99 alone': quantile(alone, 0.99),
    'p99 beside': quantile(beside, 0.99),
  }
}

function quantile(values: readonly number[], share: number): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length * share)] ?? 0
}

function print(rows: readonly Readonly<Record<string, string | number>>[]): void {
  const rounded = rows.map((row) =>
    Object.fromEntries(Object.entries(row).map(([name, value]) => [name, typeof value === 'number' ? Number(value.toFixed(2)) : value])),
  )
  // biome-ignore lint/suspicious/noConsole: the table is what the program is for
  console.table(rounded)
}

for (const name of ['plumberdallas.com', 'слесарьмосква.com', 'عاجل.xn--mgbh0fb']) {
  const ascii = toAsciiName(name) ?? ''
  print([
    measureConversion(`toAsciiName ${name}`, () => toAsciiName(name)),
    measureConversion(`toUnicodeName ${ascii}`, () => toUnicodeName(ascii)),
  ])
}
// The first measurement includes just-in-time compilation, as the first request of a process does.
const rows = []
for (const tlds of [manyTlds, ['com']])
  for (const [script, config] of Object.entries(requests)) rows.push(await measureRequest(script, config, tlds))
print(rows)
const others = []
for (const sliceMs of SLICES_MS.length > 0 ? SLICES_MS : [0.25, 1]) others.push(await measureOthers(sliceMs))
print(others)
