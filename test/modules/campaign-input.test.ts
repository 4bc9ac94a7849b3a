import { describe, expect, it } from 'vitest'
import { type CampaignFields, campaignErrors } from '#src/market/modules/campaigns/input.ts'
import { storedTlds } from '#src/market/modules/generator-input.ts'

const good: CampaignFields = {
  name: 'Roofs',
  budget: { amount: 0, currency: 'USD' },
  keywords: ['roof repair'],
  tlds: ['com', '.NET'],
  patterns: ['{keyword}-{city}'],
  startsAt: '2026-03-01T00:00:00.000Z',
  endsAt: '2026-03-02T00:00:00.000Z',
}

describe('the input of a campaign', () => {
  it('is accepted if each field is within its limits or omitted', () => {
    expect(campaignErrors(good, 'USD')).toEqual([])
    expect(campaignErrors({}, 'USD')).toEqual([])
  })

  it.each([
    [{ name: '' }, ['input', 'name']],
    [{ name: '  ' }, ['input', 'name']],
    [{ name: 'x'.repeat(121) }, ['input', 'name']],
    [{ name: 'a\0b' }, ['input', 'name']],
    [{ budget: { amount: -1, currency: 'USD' } }, ['input', 'budget', 'amount']],
    [{ budget: { amount: 1, currency: 'EUR' } }, ['input', 'budget', 'currency']],
    [{ endsAt: good.startsAt }, ['input', 'endsAt']],
    [{ keywords: [] }, ['input', 'keywords']],
    [{ keywords: ['<script>'] }, ['input', 'keywords']],
    [{ tlds: [] }, ['input', 'tlds']],
    [{ tlds: ['com', 'nosuchtld'] }, ['input', 'tlds']],
    [{ patterns: ['{nonsense}'] }, ['input', 'patterns']],
    [{ patterns: ['best'] }, ['input', 'patterns']],
    [{ name: 'x'.repeat(2_000) }, ['input', 'name']],
    [{ keywords: [' '.repeat(1_000)] }, ['input', 'keywords']],
  ])('is rejected with the path of the wrong field for %j', (wrong, field) => {
    const errors = campaignErrors({ ...good, ...wrong }, 'USD')
    expect(errors).toEqual([{ code: 'INVALID', message: expect.stringMatching(/./), field }])
  })

  it('is rejected with all of its errors together', () => {
    expect(campaignErrors({ ...good, name: '', budget: { amount: -1, currency: 'X' } }, 'USD')).toHaveLength(3)
  })

  it('stores each top-level domain once, as its A-label', () => {
    expect(storedTlds(['.COM', 'com', 'みんな'])).toEqual(['com', 'xn--q9jyb4c'])
  })
})
