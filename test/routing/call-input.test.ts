import { expect, it } from 'vitest'
import { toGlobalId } from '#src/gateway/contract/global-id.ts'
import { readPing } from '#src/market/modules/routing/call-input.ts'
import { callerHashes } from '#src/market/rules/caller.ts'

const hashes = callerHashes(Buffer.alloc(32, 1))
const CALLER = '+12125550123'

function fieldsRefused(subId: string, attributes: readonly { name: string; value: string }[]): readonly string[] {
  const input = { campaignId: toGlobalId('Campaign', 1), state: 'CA', caller: CALLER, subId, attributes: [...attributes] }
  const read = readPing(hashes, 'acme', input)
  return 'errors' in read ? read.errors.map(({ field }) => field.join('.')) : []
}

it('refuses a ping whose source or attributes contain the number of the caller, because they are stored as they are', () => {
  expect(fieldsRefused('ad (212) 555-0123', [])).toEqual(['input.subId'])
  expect(fieldsRefused('ad 7', [{ name: 'ani', value: '2125550123' }])).toEqual(['input.attributes.0.value'])
  expect(fieldsRefused('ad 7', [{ name: 'ani-212.555.0123', value: 'yes' }])).toEqual(['input.attributes.0.name'])
  expect(fieldsRefused('ad 7', [{ name: 'age', value: '42' }])).toEqual([])
})
