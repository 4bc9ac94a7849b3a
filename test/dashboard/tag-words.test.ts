import { expect, it } from 'vitest'
import {
  anyChangeTag,
  bulkTag,
  cacheKey,
  declareEntity,
  dimensionTag,
  EVERYTHING_TAG,
  freeTag,
  listTag,
  rowTag,
  tenantTag,
} from '#src/engine/cache/index.ts'
import { kindOfTag } from '#src/operations/telemetry/tag-kind.ts'
import { TAG_FORMS, tagWords } from '../../web/src/views/invalidations/tag-words.ts'

const Campaign = declareEntity({
  type: 'Campaign',
  table: 'campaigns',
  tenantColumn: 'tenant_id',
  idColumn: 'id',
  dimensions: ['owner_id', 'name'],
  listed: ['owner_id', 'name'],
})

it('Each form of a tag that the cache spells has words of its own.', () => {
  const words: readonly (readonly [tag: string, words: string])[] = [
    [rowTag(Campaign, 'acme', 42), 'the Campaign 42'],
    [listTag(Campaign, 'acme'), 'all lists of Campaign'],
    [dimensionTag(Campaign, 'acme', 'owner_id', 7), 'lists of Campaign with owner_id 7'],
    [dimensionTag(Campaign, 'acme', 'owner_id', null), 'lists of Campaign without owner_id'],
    [dimensionTag(Campaign, 'acme', 'name', 'a:[b]=~* is null'), 'lists of Campaign with name a:[b]=~* is null'],
    [anyChangeTag(Campaign, 'acme'), 'values that depend on any change of Campaign'],
    [bulkTag(Campaign, 'acme'), 'all values with a Campaign, because very many rows changed at once'],
    [freeTag('acme', 'prices'), 'values with the free tag prices'],
    [cacheKey('acme', 'Campaign', [42]).text, 'one cached value'],
    [cacheKey('acme', 'Query.campaigns@aB3', [null, {}]).text, 'one cached value'],
    [tenantTag('acme'), 'everything of acme'],
    [EVERYTHING_TAG, 'everything of all tenants'],
  ]
  for (const [tag, expected] of words) expect(tagWords(tag), tag).toBe(expected)
})

it('The legend has every kind of tag once.', () => {
  expect(TAG_FORMS.map(({ example }) => kindOfTag(example))).toEqual([
    'Campaign',
    'Campaign[]:owner_id',
    'Campaign[]',
    'Campaign~',
    'Campaign*',
    '#prices',
    'tenant',
    'everything',
  ])
  expect(new Set(TAG_FORMS.map(({ example }) => tagWords(example))).size).toBe(TAG_FORMS.length)
})
