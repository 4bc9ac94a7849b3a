import fc from 'fast-check'
import { expect, it } from 'vitest'
import { surrogateKeys } from '../../src/responses/surrogate-keys.ts'

it('the tags of an answer go to caches in between coarsest first: tenant, types, rows', () => {
  const tags = ['public:Word:call', 'public:Word[]', 'public:Word*', 'public', 'public:Vertical:7', 'public:Word[]:kind=a b']
  expect(surrogateKeys(tags)).toEqual(['public', 'Word', 'Vertical', 'Word-call', 'Vertical-7'])
})

it('tags that do not all fit are none, since a purge would miss the answer', () => {
  expect(surrogateKeys([`public:Word:${'x'.repeat(1100)}`])).toBeUndefined()
  expect(surrogateKeys(Array.from({ length: 3000 }, (_, id) => `public:Word:${id}`))).toBeUndefined()
})

it('whatever an id is made of, no tag holds more than a header may hold', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (id) => {
      for (const key of surrogateKeys([`public:Word:${id}`]) ?? []) expect(key).toMatch(/^[A-Za-z0-9._~%!'()*-]+$/)
    }),
  )
})
