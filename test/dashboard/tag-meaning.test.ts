import { describe, expect, it } from 'vitest'
import { keyMeaning, tagMeaning } from '../../web/src/views/keys/tag-meaning.ts'

describe('A tag is explained in words:', () => {
  it.each([
    ['acme:Campaign:42', 'the row 42 of Campaign, of the tenant acme'],
    ['public:Tld:co:uk', 'the row co:uk of Tld, of all tenants (public data)'],
    ['acme:Campaign[]', 'all lists of Campaign of the tenant acme'],
    ['acme:Campaign[]:status=ACTIVE', 'lists of Campaign of the tenant acme that are filtered by status=ACTIVE'],
    ['acme:Campaign~', 'every change of a Campaign of the tenant acme'],
    ['acme:Campaign*', 'all values with a Campaign of the tenant acme'],
    ['acme:#prices', 'the free tag prices of the tenant acme, from @cache(tags:)'],
    ['acme:Campaign@x1:["42"]', 'one cached value of the tenant acme: this tag is a key'],
    ['acme:Query.campaigns:[null]', 'one cached value of the tenant acme: this tag is a key'],
    ['acme', 'everything of the tenant acme'],
    ['*', 'everything'],
  ])('%s', (tag, words) => {
    expect(tagMeaning(tag)).toBe(words)
  })
})

it('A key is explained by its tenant, its policy and its arguments. Another text is none.', () => {
  expect(keyMeaning('acme:Campaign@x1:["42"]')).toEqual({ tenant: 'acme', policy: 'Campaign', arguments: '["42"]' })
  expect(keyMeaning('public:Query.tlds:[null,{"kind":"A:B"}]')).toEqual({
    tenant: 'public',
    policy: 'Query.tlds',
    arguments: '[null,{"kind":"A:B"}]',
  })
  expect(keyMeaning('acme:Response@2:#xyz')?.arguments).toContain('hash')
  expect(keyMeaning('acme')).toBeUndefined()
})
