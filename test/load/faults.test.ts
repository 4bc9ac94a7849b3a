import { expect, it } from 'vitest'
import { FaultSchedule, planFaults } from '../../load/gateway/faults.ts'
import { sumOf } from '../../load/gateway/prometheus.ts'
import { Rising } from '../../load/gateway/rising.ts'

function targets() {
  const calls: string[] = []
  const server = (name: string) => ({
    stop: async (signal?: string) => void calls.push(`${name} stops${signal ? ` by ${signal}` : ''}`),
    start: async () => void calls.push(`${name} starts`),
  })
  return { calls, redis: server('Redis'), gateway: server('gateway') }
}

const EXPECTED = ['Redis stops', 'Redis starts', 'gateway stops by SIGKILL', 'gateway starts', 'Redis stops', 'Redis starts']

it('A run with faults restarts Redis twice, and kills and restarts a gateway once, long before the run ends.', async () => {
  const { calls, ...servers } = targets()
  const steps = planFaults(600_000, servers)
  for (const step of steps) await step.run()
  expect(calls).toEqual(EXPECTED)
  const times = steps.map(({ atMs }) => atMs)
  expect(times).toEqual(times.toSorted((one, other) => one - other))
  expect(times.at(-1)).toBeLessThan(0.9 * 600_000)
})

it('A fault schedule runs and reports its steps in order, and skips the remaining steps if the run ends early.', async () => {
  const whole = targets()
  const told: string[] = []
  const schedule = new FaultSchedule(whole)
  schedule.begin(20, ({ what }) => void told.push(what))
  while (told.length < EXPECTED.length) await new Promise(setImmediate)
  expect(whole.calls).toEqual(EXPECTED)
  expect((await schedule.end()).map(({ what }) => what)).toEqual(told)

  const cut = targets()
  const long = new FaultSchedule(cut)
  long.begin(600_000, () => undefined)
  expect(await long.end()).toEqual([])
  expect(cut.calls).toEqual([])
})

it('The end of a fault schedule throws the error of a step that has failed.', async () => {
  const { gateway } = targets()
  const redis = { stop: () => Promise.reject(new Error('Redis does not stop')), start: async () => undefined }
  const { promise: failed, resolve } = Promise.withResolvers<void>()
  const schedule = new FaultSchedule({ redis: { ...redis, stop: () => redis.stop().finally(resolve) }, gateway })
  schedule.begin(5, () => undefined)
  await failed
  await expect(schedule.end()).rejects.toThrow('Redis does not stop')
})

it('A counter continues from its last value after a restart of the process, and keeps that value while no reading is available.', () => {
  const counter = new Rising()
  expect([undefined, 100, 130, undefined, 5, 25].map((reading) => counter.next(reading))).toEqual([undefined, 100, 130, 130, 135, 155])
})

it('The sum of a metric includes all of its series or only the series with a given label, and is 0 if the metric is missing.', () => {
  const page = 'a_total 1\nb{le="0.01",x="1"} 2\nb{le="0.01",x="2"} 3\nb{le="+Inf",x="1"} 7\nbb{le="0.01"} 50\n'
  expect([sumOf(page, 'a_total'), sumOf(page, 'b'), sumOf(page, 'b', 'le="0.01"'), sumOf(page, 'c')]).toEqual([1, 12, 5, 0])
})
