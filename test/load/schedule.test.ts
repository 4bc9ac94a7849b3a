import { expect, it } from 'vitest'
import { constantSchedule, rampingSchedule } from '../../k6/parts/schedule.ts'
import { arrivals } from '../../load/run/arrivals.ts'
import { readOptions } from '../../load/run/options.ts'

function scheduled(scenario: object): readonly number[] {
  const [options] = readOptions({ scenarios: { test: { preAllocatedVUs: 1, ...scenario } } }).scenarios
  if (!options) throw new Error('Expected a scenario.')
  return [...arrivals(options)]
}

it('A constant arrival rate starts an iteration at the beginning of a scenario and none at its end.', () => {
  const times = scheduled({ executor: 'constant-arrival-rate', rate: 10, duration: '1s' })
  expect(times).toEqual([0, 100, 200, 300, 400, 500, 600, 700, 800, 900])
})

it('A ramp from a rate of 0 starts an iteration each time the integral of the rate reaches a whole number.', () => {
  const times = scheduled({ executor: 'ramping-arrival-rate', startRate: 0, stages: [{ duration: '2s', target: 10 }] })
  expect(times).toHaveLength(10)
  expect(times[0]).toBeCloseTo(Math.sqrt(2 / 5) * 1000, 6)
  expect(times[9]).toBeCloseTo(2000, 6)
})

it('A fraction of an iteration that is left at the end of a stage is continued in the next stage.', () => {
  const stages = [
    { duration: '250ms', target: 10 },
    { duration: '250ms', target: 10 },
  ]
  const times = scheduled({ executor: 'ramping-arrival-rate', startRate: 10, stages })
  expect(times.map(Math.round)).toEqual([100, 200, 300, 400, 500])
})

it('The scripts compute the start time of an iteration from its number, exactly as the k6 stand-in schedules it.', () => {
  const constant = scheduled({ executor: 'constant-arrival-rate', rate: 7, duration: '3s' })
  constant.forEach((time, index) => {
    expect(constantSchedule(7)(index)).toBeCloseTo(time, 6)
  })
  const stages = [
    { duration: '2s', target: 50 },
    { duration: '1s', target: 50 },
    { duration: '1500ms', target: 0 },
  ]
  const ramp = scheduled({ executor: 'ramping-arrival-rate', startRate: 5, stages })
  const schedule = rampingSchedule(5, [
    { seconds: 2, rate: 50 },
    { seconds: 1, rate: 50 },
    { seconds: 1.5, rate: 0 },
  ])
  expect(ramp).toHaveLength(142)
  ramp.forEach((time, index) => {
    expect(schedule(index)).toBeCloseTo(time, 4)
  })
})
