import { readFile, writeFile } from 'node:fs/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type CorpusGateway, startCorpusGateway } from './corpus-gateway.ts'
import { withoutItem } from './taken-away.ts'
import { compare, read, shapeOf, written } from './value-shapes.ts'

const RECORD = new URL('value-shapes.txt', import.meta.url)

describe('the loads of all operations in the test corpus', () => {
  let gateway: CorpusGateway
  const answers = new Map<string, string>()

  beforeAll(async () => {
    gateway = await startCorpusGateway({ checksReads: true })
    for (const operation of gateway.operations) answers.set(operation.name, await gateway.ask(operation, 'ADMIN'))
  })

  afterAll(async () => {
    await gateway?.close()
  })

  it('test every dimension of every cached type: some `depends` declaration names each column by which lists are filtered', () => {
    expect(gateway.gateway.unreadDimensions).toEqual([])
  })

  it('read only the tables that their @cache(depends:) names, and the corpus covers every @cache of the schema', async () => {
    for (const [name, answer] of answers) expect(answer, name).not.toContain('UNDECLARED_DEPENDENCY')
    const names = new Set([...gateway.cache.reads.values()].map(({ policy }) => policy.name))
    expect([...gateway.gateway.rules.keys()].filter((coordinate) => !names.has(coordinate))).toEqual([])
  })

  it('return values of the shape that was recorded for their cache key, so that two releases can share cached values', async () => {
    const seen = new Map([...gateway.cache.values].map(([namespace, values]) => [namespace, shapeOf(values)] as const))
    const { misread, outdated } = compare(read(await readFile(RECORD, 'utf8')), seen)
    expect(misread).toEqual([])
    if (process.env['RECORD_VALUE_SHAPES'] === '1') await writeFile(RECORD, written(seen))
    else expect(outdated, 'Record the shapes anew: RECORD_VALUE_SHAPES=1 npx vitest run test/dependencies/tracing.test.ts').toEqual([])
  })
})

describe('a load whose SQL reads are observed in production', () => {
  it('still returns its value if its `depends` lacks a table, and reports the field and the table', async () => {
    const told = new Set<string>()
    const gateway = await startCorpusGateway({
      checksReads: false,
      adaptTypeDefs: (typeDefs) => withoutItem(typeDefs, 'Campaign.statistics', 'CampaignTotal[campaign_id: $parent.id]'),
      onObserved: (field, tables) => {
        for (const table of tables) told.add(`${field} ${table}`)
      },
    })
    try {
      const operations = gateway.operations.filter(({ name }) => name === 'lists of a campaign' || name === 'public names')
      expect(operations).toHaveLength(2)
      for (const operation of operations) expect(JSON.parse(await gateway.ask(operation, 'ADMIN'))).not.toHaveProperty('errors')
      expect([...told]).toEqual(['Campaign.statistics campaign_totals'])
    } finally {
      await gateway.close()
    }
  })
})
