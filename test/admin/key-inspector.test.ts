import { expect, it } from 'vitest'
import { type AppliedWrite, KeyInspector } from '#src/operations/admin/keys/key-inspector.ts'

function inspector(writes: readonly AppliedWrite[]): KeyInspector {
  const unused = () => {
    throw new Error('Expected no call.')
  }
  return new KeyInspector({
    cache: { explain: unused, inventory: { find: unused, matching: unused } as never, now: unused },
    policyOf: unused,
    recentWrites: () => writes,
    stalenessBoundMs: 1000,
  })
}

it('The last write of a tag has only the causes that wrote this tag, although the row of the log has writes of other tenants.', () => {
  const at = Date.UTC(2026, 0, 1)
  const shared = {
    seq: 7,
    at,
    tags: ['acme:Campaign:1', 'globex:Campaign:2'],
    causes: [
      { cause: 'mutation pauseCampaign', tags: ['acme:Campaign:1'] },
      { cause: 'operator bob of globex: a secret', tags: ['globex:Campaign:2'] },
    ],
  }
  const alone = { seq: 6, at, tags: ['acme:Buyer:1'], causes: [{ cause: 'program psql' }] }
  const { causes, clock } = inspector([shared, alone]).lastWrite(['acme:Campaign:1']) ?? {}
  expect([clock, causes]).toEqual([7, ['mutation pauseCampaign']])
  expect(inspector([shared, alone]).lastWrite(['acme:Buyer:1'])?.causes).toEqual(['program psql'])
})
