import { expect, it } from 'vitest'
import { readConfig } from '../../src/config/config.ts'
import { documentedBytes, type FloodFigures, floodFindings } from './flood.ts'

const MIB = 2 ** 20
const { cache, server } = readConfig({})
const DOCUMENTED = documentedBytes(cache.memoryBytes, server.requestMemoryBytes)

const good: FloodFigures = {
  requests: 1000,
  refused: 0,
  rssBefore: 220 * MIB,
  rssHighest: DOCUMENTED,
  rssAfter: 400 * MIB,
  hitRateBefore: 1,
  hitRateDuring: 0.96,
  knownRate: 1,
}

it('nothing is found in a flood that takes what is documented and no hits of others', () => {
  expect(floodFindings(good, DOCUMENTED)).toEqual([])
})

it.each<[string, Partial<FloodFigures>]>([
  ['takes more memory', { rssHighest: DOCUMENTED + 1 }],
  ['takes hits of others', { hitRateDuring: 0.94 }],
  ['takes persisted queries of others', { knownRate: 0.94 }],
  ['is refused, and so shows nothing', { refused: 11 }],
])('a flood that %s is found', (_, figures) => {
  expect(floodFindings({ ...good, ...figures }, DOCUMENTED)).toHaveLength(1)
})
