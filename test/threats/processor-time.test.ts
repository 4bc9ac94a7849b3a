import { describe, expect, it } from 'vitest'
import { readConfig } from '#src/config/config.ts'
import { startTinyGateway } from '../graphql/tiny-gateway.ts'

const MAX_BLOCKED_MS = 50
const times = (count: number, part: (index: number) => string) => Array.from({ length: count }, (_, index) => part(index)).join(' ')

/** Documents that are expensive to parse or validate, of any size. The number makes each document different. */
const CORPUS: readonly (readonly [title: string, make: (count: number, number: number) => string])[] = [
  ['repeated fields', (count, number) => `query Q${number} { ${times(count, () => '__typename')} }`],
  ['repeated fields with selections', (count, number) => `query Q${number} { ${times(count, () => 'words { nodes { name } }')} }`],
  ['repeated arguments', (count, number) => `query Q${number} { ${times(count, (index) => `word(name: "${index}") { name }`)} }`],
  ['inline fragments side by side', (count, number) => `query Q${number} { ${times(count, () => '... on Query { __typename }')} }`],
  [
    'inline fragments within each other',
    (count, number) => `query Q${number} { ${'... { '.repeat(count)} __typename ${'}'.repeat(count)} }`,
  ],
  ['padding by comments', (count, number) => `query Q${number} { ${times(count, () => '#\n')} __typename }`],
  ['padding by commas', (count, number) => `query Q${number} { ${','.repeat(8 * count)} __typename }`],
  ['a value of many brackets', (count, number) => `query Q${number} { word(name: ${'['.repeat(count)}1${']'.repeat(count)}) { name } }`],
  [
    'fragments that spread each other',
    (count, number) =>
      `query Q${number} { ...F0 } ${times(count / 10, (index) => `fragment F${index} on Query { ...F${index + 1} ...F${index + 1} }`)} fragment F${count / 10} on Query { __typename }`,
  ],
]
/** Sizes of the documents: the first is within the limits, the second far above them. */
const COUNTS = [40, 4000]

const limits = readConfig({}).limits
const raised = Object.fromEntries(Object.entries(limits).map(([name, value]) => [name, value * 1000])) as unknown as typeof limits

/**
 * Returns the CPU time of this thread for one document, ms. The result is the minimum of several runs, because the first run compiles code.
 */
async function timeOf(
  gateway: Awaited<ReturnType<typeof startTinyGateway>>,
  make: (number: number) => string,
  tries: number,
): Promise<number> {
  let least = Number.POSITIVE_INFINITY
  for (let number = 0; number < tries; number++) {
    const query = make(number)
    const before = process.threadCpuUsage()
    await gateway.ask(query)
    const { user, system } = process.threadCpuUsage(before)
    least = Math.min(least, (user + system) / 1000)
  }
  return least
}

describe('T7: a document that is expensive to parse or to validate', () => {
  it('T7: takes less than 50 ms of CPU time, however large it is', async () => {
    await using gateway = await startTinyGateway()
    for (const [title, make] of CORPUS) {
      for (const count of COUNTS) {
        const time = await timeOf(gateway, (number) => make(count, number), 3)
        expect([title, count, time < MAX_BLOCKED_MS ? 'in time' : time]).toEqual([title, count, 'in time'])
      }
    }
  })

  it('T7: takes more than 50 ms if the limits are raised a thousandfold, which shows that the limits protect the gateway', async () => {
    await using gateway = await startTinyGateway({ limits: raised })
    const [, make] = CORPUS.find(([title]) => title === 'repeated fields with selections') ?? expect.unreachable()
    expect(await timeOf(gateway, (number) => make(500, number), 1)).toBeGreaterThan(MAX_BLOCKED_MS)
  })
})
