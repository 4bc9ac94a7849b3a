import { expect, it } from 'vitest'
import type { NoMore } from '#src/market/modules/no-more.ts'
import type { UpdateBuyerInput } from '#src/market/modules/schema-types.generated.ts'

it('The type NoMore makes the type check fail if code ignores a field of an input, and accepts code that reads all fields.', () => {
  const input: Pick<UpdateBuyerInput, 'id' | 'version' | 'name'> = { id: 'one', version: 1, name: 'Ada' }
  const { id, version, ...others } = input
  // @ts-expect-error: the field name was not read
  others satisfies NoMore
  const { name, ...rest } = others
  rest satisfies NoMore
  expect([id, version, name, rest]).toEqual(['one', 1, 'Ada', {}])
})
