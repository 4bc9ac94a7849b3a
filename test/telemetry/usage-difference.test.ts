import { expect, it } from 'vitest'
import { NO_ANSWERS, NO_FIGURES, type TenantFigures, type UsageFigures } from '#src/operations/telemetry/usage.ts'
import { differenceOf } from '#src/operations/telemetry/usage-difference.ts'

function tenant(row: number, name: string, requests: number): TenantFigures {
  const answers = { ...NO_ANSWERS, l1: requests }
  return { row, tenant: name, requests, answers, layerMs: NO_ANSWERS, errors: 0, durationMs: 0, savedMs: 0, bytes: 10 * requests }
}

function reading(...tenants: TenantFigures[]): UsageFigures {
  return { ...NO_FIGURES, tenants }
}

function requestsBetween(before: UsageFigures, after: UsageFigures) {
  return differenceOf(before, after).tenants.map(({ tenant, requests, answers, bytes }) => [tenant, requests, answers.l1, bytes])
}

it('The difference of two readings has what was counted in between, and leaves out rows that did not change.', () => {
  const before = reading(tenant(0, 'other', 2), tenant(1, 'acme', 5), tenant(2, 'quiet', 9))
  const after = reading(tenant(0, 'other', 3), tenant(1, 'acme', 12), tenant(2, 'quiet', 9), tenant(3, 'new', 4))
  expect(requestsBetween(before, after)).toEqual([
    ['other', 1, 1, 10],
    ['acme', 7, 7, 70],
    ['new', 4, 4, 40],
  ])
})

it('The figures of a row that was lost between two readings are counted once, although the row `other` got them all.', () => {
  const before = reading(tenant(0, 'other', 2), tenant(1, 'acme', 5))
  const lostWith6 = reading(tenant(0, 'other', 2 + 6), tenant(2, 'busy', 7))
  expect(requestsBetween(before, lostWith6)).toEqual([
    ['other', 1, 1, 10],
    ['busy', 7, 7, 70],
  ])
  const backAgain = reading(tenant(0, 'other', 2 + 6), tenant(3, 'acme', 1))
  expect(requestsBetween(before, backAgain)).toEqual([
    ['other', 1, 1, 10],
    ['acme', 1, 1, 10],
  ])
})
