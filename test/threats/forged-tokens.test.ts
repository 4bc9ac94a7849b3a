import { randomBytes } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { CuttableLog, type Instance, Source, startInstance, write } from '../cache/instance.ts'
import { ManualEnv } from '../cache/manual-env.ts'

const FORGED = 10_000

/** Returns a text that is not a valid token. Some of these texts differ from a valid token in one byte. */
function forge(good: string, number: number): string {
  if (number % 100 === 0) return Array.from({ length: 20 }, () => randomBytes(96).toString('base64url')).join(',')
  const kind = number % 5
  if (kind === 0) return `forged-${number}`
  if (kind === 1) return randomBytes(128).toString('base64url')
  if (kind === 2) return good.slice(0, number % good.length)
  if (kind === 3) return 'A'.repeat(300 + number)
  const bytes = Buffer.from(good, 'base64url')
  const at = number % bytes.length
  bytes[at] = (bytes[at] ?? 0) ^ (1 + (number % 255))
  return bytes.toString('base64url')
}

/** Starts two instances on one log. The second has cached a value, and the first has sealed a token. */
async function startPair(forger: string) {
  const source = new Source()
  const log = new CuttableLog()
  const writer = await startInstance(source, log, new ManualEnv(), { secrets: [forger] })
  const reader = await startInstance(source, log, new ManualEnv(), { secrets: ['secret'] })
  source.values.set(1, 'value')
  const good = await write(writer, log, source, 2, 'written')
  await reader.read([1])
  return { log, reader, good }
}

async function syncsOf(log: CuttableLog, work: () => Promise<unknown>): Promise<number> {
  const before = log.syncs
  await work()
  return log.syncs - before
}

async function readWithEach(reader: Instance, tokens: readonly string[]): Promise<void> {
  for (const token of tokens) await reader.read([1], token)
}

describe('T23: a consistency token that the gateway did not seal', () => {
  it('T23: causes no query of the invalidation log, even if 10,000 different tokens are sent', async () => {
    const { log, reader, good } = await startPair('secret of the forger')
    const tokens = [good, ...Array.from({ length: FORGED }, (_, number) => forge(good, number))]
    expect(await syncsOf(log, () => readWithEach(reader, tokens))).toBe(0)
  })

  it('T23: causes one query of the invalidation log if the forger knows the secret, which shows that the test counts queries', async () => {
    const { log, reader, good } = await startPair('secret')
    expect(await syncsOf(log, () => reader.read([1], good))).toBe(1)
  })

  it('T23: next to a valid token in the same header adds no query of the log: a thousand requests cause at most two', async () => {
    const { log, reader, good } = await startPair('secret')
    const list = ['forged', randomBytes(96).toString('base64url'), good, good].join(',')
    expect(await syncsOf(log, () => Promise.all(Array.from({ length: 1000 }, () => reader.read([1], list))))).toBeLessThanOrEqual(2)
  })
})
