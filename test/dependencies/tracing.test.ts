import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type CorpusGateway, startCorpusGateway } from './corpus-gateway.ts'

describe('the loads of the corpus', () => {
  let gateway: CorpusGateway

  beforeAll(async () => {
    gateway = await startCorpusGateway({ checksReads: true })
  })

  afterAll(async () => {
    await gateway?.close()
  })

  it('depend on each dimension that a type declares', () => {
    expect(gateway.gateway.unreadDimensions).toEqual([])
  })

  it('read no table that their @cache(depends:) does not name, and there is one for each @cache', async () => {
    for (const operation of gateway.operations) {
      expect(await gateway.ask(operation, 'ADMIN'), operation.name).not.toContain('UNDECLARED_DEPENDENCY')
    }
    const read = new Set([...gateway.cache.reads.values()].map(({ policy }) => policy.name))
    expect([...gateway.gateway.rules.keys()].filter((coordinate) => !read.has(coordinate))).toEqual([])
  })
})
