import { describe, expect, it } from 'vitest'
import { fairOrder } from '#src/operations/warming/fair-order.ts'
import { hot } from './hot-operation.ts'

const namesOf = (operations: ReturnType<typeof fairOrder>) => operations.map(({ operation }) => operation.document)

describe('the order of a warm-up after a deploy', () => {
  it('is fair between tenants: the next operation belongs to the tenant whose operations before it save the least load time.', () => {
    const hottest = [
      hot('a1', 100),
      hot('a2', 90),
      hot('a3', 80),
      hot('b1', 50, 'globex'),
      hot('b2', 40, 'globex'),
      hot('c1', 10, 'initech'),
    ]
    expect(namesOf(fairOrder(hottest))).toEqual(['a1', 'b1', 'c1', 'b2', 'a2', 'a3'])
  })

  it('repeats no operation, and treats all anonymous callers as one tenant.', () => {
    const hottest = [hot('a1', 5), hot('a2', 4), hot('p1', 3, null), hot('p2', 2, null)]
    expect(namesOf(fairOrder(hottest)).toSorted()).toEqual(['a1', 'a2', 'p1', 'p2'])
    expect(namesOf(fairOrder(hottest)).slice(0, 2)).toEqual(['a1', 'p1'])
    expect(fairOrder([])).toEqual([])
  })
})
