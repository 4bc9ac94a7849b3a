import { expect, it } from 'vitest'
import { keyMeaning } from '../../web/src/views/keys/key-meaning.ts'

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
