import { expect, it } from 'vitest'
import { Throttle } from '#src/market/import/dnc/throttle.ts'

function clocked(share: number) {
  let now = 0
  const pauses: number[] = []
  const throttle = new Throttle({ share, monotonic: () => now, pause: async (ms) => void pauses.push(ms) })
  return { pauses, take: (ms: number) => throttle.run(async () => (now += ms)) }
}

it('A throttle pauses after each piece of work for a time that leaves the work its share, and returns the result.', async () => {
  const { pauses, take } = clocked(0.25)
  expect([await take(10), await take(100)]).toEqual([10, 110])
  expect(pauses).toEqual([30, 300])
})

it('A throttle with the whole time as its share does not pause, and one without any share is refused.', async () => {
  const { pauses, take } = clocked(1)
  await take(10)
  expect(pauses).toEqual([])
  expect(() => clocked(0)).toThrow('Expected a share above 0 and at most 1, got 0.')
})
