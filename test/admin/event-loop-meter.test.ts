import { expect, it } from 'vitest'
import { EventLoopMeter } from '#src/operations/admin/instances/event-loop-meter.ts'

/** Returns a meter, and a function that takes readings with two seconds between them, of which the event loop was busy for a part. */
function meter() {
  const times = { active: 5000, idle: 0, utilization: 1 }
  const of = new EventLoopMeter(() => ({ ...times }))
  return (readings: number, busyMs: number) => {
    let share: number | undefined
    for (let reading = 0; reading < readings; reading++) {
      times.active += busyMs
      times.idle += 2000 - busyMs
      share = of.sample()
    }
    return share
  }
}

it('The use of the event loop is its busy share of the last minute; the start of the process and older minutes do not count.', () => {
  const sample = meter()
  expect(sample(9, 2000)).toBeUndefined()
  expect(sample(1, 2000)).toBe(1)
  expect(sample(31, 500)).toBe(0.25)
  expect(sample(15, 1500)).toBe(0.5)
})

it('The use is not known if no time passed between the readings.', () => {
  const of = new EventLoopMeter(() => ({ active: 1, idle: 1, utilization: 0.5 }))
  expect(Array.from({ length: 12 }, () => of.sample()).at(-1)).toBeUndefined()
})
