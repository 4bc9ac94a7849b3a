import { BUCKETS } from '#src/gateway/policies/experiment.ts'
import { Random } from '#src/market/seed/random.ts'
import type { ArmsInput } from '#src/operations/experiments/compare-arms.ts'
import { addHour, emptySums, simulateTraffic, type Traffic, type TrafficOptions } from './simulated-traffic.ts'

export interface ExperimentOptions {
  readonly seed: string
  /** Number of simulated traffics. */
  readonly traffics: number
  /** Number of random assignments of buckets to arms per traffic. */
  readonly assignments: number
  /** Hours before the trial policy applies. */
  readonly leadIn: number
  /** Hours, and so looks, with the trial policy. */
  readonly looks: number
  /** Share of the buckets that are in the trial. */
  readonly share?: number
  /** TTL of the control in seconds, and of the trial. */
  readonly ttl: number
  readonly trialTtl: number
  readonly keys?: number
  readonly readsPerHour?: number
}

/** One look at one experiment, with the difference that all buckets would have had since the trial policy applies, in points. */
export interface Look extends ArmsInput {
  readonly truePoints: number
}

/**
 * Runs experiments on simulated traffic. `start` is called for each experiment, and returns the function that gets its looks in order; the
 * experiment ends early if that function returns `true`. The exponent of Zipf's law goes from 0.9 to 1 over the traffics, so that the heaviest
 * bucket holds 6 to 10 % of the reads.
 */
export function runExperiments(options: ExperimentOptions, start: () => (look: Look) => boolean): void {
  const { seed, traffics, assignments, leadIn, looks, share = 0.5, ttl, trialTtl } = options
  const hours = leadIn + looks
  for (let index = 0; index < traffics; index += 1) {
    const traffic: TrafficOptions = {
      seed: `${seed}/${index}`,
      hours,
      ttl,
      exponent: 0.9 + (0.1 * index) / Math.max(1, traffics - 1),
      ...(options.keys !== undefined && { keys: options.keys }),
      ...(options.readsPerHour !== undefined && { readsPerHour: options.readsPerHour }),
    }
    const control = simulateTraffic(traffic)
    const trial = trialTtl === ttl ? control : simulateTraffic({ ...traffic, trialTtl, changeHour: leadIn })
    const truePoints = differences(control, trial, leadIn)
    const random = new Random(`${seed}/${index}/assignments`)
    const buckets = Array.from({ length: BUCKETS }, (_, bucket) => bucket)
    for (let assignment = 0; assignment < assignments; assignment += 1) {
      const chosen = new Uint8Array(BUCKETS)
      for (const bucket of random.sample(buckets, BUCKETS).slice(0, Math.round(share * BUCKETS))) chosen[bucket] = 1
      const isTrial = (bucket: number) => chosen[bucket] === 1
      const before = emptySums()
      for (let hour = 0; hour < leadIn; hour += 1) addHour(before, hour, () => control)
      const during = emptySums()
      const onLook = start()
      for (let look = 1; look <= looks; look += 1) {
        const hour = leadIn + look - 1
        addHour(during, hour, (bucket) => (isTrial(bucket) ? trial : control))
        if (onLook({ before, during, isTrial, look, truePoints: truePoints[look - 1] as number })) break
      }
    }
  }
}

/** Returns the difference of the hit rates of two traffics in points, from the given hour to each later one. */
function differences(control: Traffic, trial: Traffic, from: number): number[] {
  const sums = { control: emptySums(), trial: emptySums() }
  return Array.from({ length: control.hours - from }, (_, index) => {
    addHour(sums.control, from + index, () => control)
    addHour(sums.trial, from + index, () => trial)
    return 100 * (total(sums.trial.hits) / total(sums.trial.reads) - total(sums.control.hits) / total(sums.control.reads))
  })
}

/** Returns the sum of all buckets. */
export function total(values: Float64Array): number {
  let sum = 0
  for (const value of values) sum += value
  return sum
}
