import { expect, it } from 'vitest'
import { surrogateKeys } from '#src/gateway/responses/surrogate-keys.ts'
import fc from '../property.ts'

it('The surrogate keys of a response are ordered from coarse to fine: tenant, types, rows.', () => {
  const tags = ['public:Word:call', 'public:Word[]', 'public:Word*', 'public', 'public:Vertical:7', 'public:Word[]:kind=a b']
  expect(surrogateKeys(tags)).toEqual(['public', 'Word', 'Vertical', 'Word-call', 'Vertical-7'])
})

it('No surrogate keys are sent if not all of them fit into the header, because a purge by a missing key would miss the response.', () => {
  expect(surrogateKeys([`public:Word:${'x'.repeat(1100)}`])).toBeUndefined()
  expect(surrogateKeys(Array.from({ length: 3000 }, (_, id) => `public:Word:${id}`))).toBeUndefined()
})

it('No surrogate key contains a character that headers must not contain, whatever the id of the row is.', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (id) => {
      for (const key of surrogateKeys([`public:Word:${id}`]) ?? []) expect(key).toMatch(/^[A-Za-z0-9._~%!'()*-]+$/)
    }),
  )
})
