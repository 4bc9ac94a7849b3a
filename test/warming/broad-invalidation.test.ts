import { describe, expect, it } from 'vitest'
import { anyChangeTag, bulkTag, dimensionTag, freeTag, listTag, rowTag, tenantTag } from '#src/engine/cache/model/entity.ts'
import { cacheKey } from '#src/engine/cache/model/key.ts'
import { broadlyAffected, join } from '#src/operations/warming/broad-invalidation.ts'
import { noteEntity } from '../graphql/tiny-module.ts'

const invalidated = (...tags: string[]) =>
  broadlyAffected({ type: 'invalidated', tags, seq: 1, epoch: 'e', at: 0, causes: [], lagMs: undefined })

describe('the detection of broad invalidations', () => {
  it('reports who is affected if everything, a whole tenant, or a whole type of a tenant is invalidated.', () => {
    expect(invalidated('*')).toBe('everybody')
    expect(broadlyAffected({ type: 'reset', reason: 'the log was trimmed' })).toBe('everybody')
    expect(broadlyAffected({ type: 'epoch', epoch: 'e' })).toBe('everybody')
    expect(invalidated(tenantTag('acme'))).toEqual(new Set(['acme']))
    expect(invalidated(bulkTag(noteEntity, 'acme'), tenantTag('globex'))).toEqual(new Set(['acme', 'globex']))
  })

  it('reports that all callers are affected if public values are invalidated.', () => {
    expect(invalidated(tenantTag('public'))).toBe('everybody')
  })

  it('ignores invalidations of rows, lists, free tags and keys, even if the tag or the key ends with a star.', () => {
    const tags = [
      rowTag(noteEntity, 'acme', 1),
      rowTag(noteEntity, 'acme', '*'),
      listTag(noteEntity, 'acme'),
      dimensionTag(noteEntity, 'acme', 'folder', 'x*'),
      anyChangeTag(noteEntity, 'acme'),
      freeTag('acme', 'prices'),
      cacheKey('acme', 'Note', ['*']).text,
    ]
    expect(invalidated(...tags)).toBeUndefined()
    expect(broadlyAffected({ type: 'evicted', count: 1 })).toBeUndefined()
  })

  it('combines two broad invalidations into one that affects the tenants of both.', () => {
    expect(join(undefined, new Set(['a']))).toEqual(new Set(['a']))
    expect(join(new Set(['a']), new Set(['b']))).toEqual(new Set(['a', 'b']))
    expect(join(new Set(['a']), 'everybody')).toBe('everybody')
  })
})
