import { armOf, BUCKETS } from '../../../gateway/policies/experiment.ts'
import { compareArms } from '../../experiments/compare-arms.ts'
import type { RunStatement } from '../../history/run-statement.ts'
import type { Experiment } from '../contract.ts'
import { readExperiments, readSums, type StoredExperiment } from './experiment-rows.ts'

const HOUR_MS = 3_600_000
/** Time after a full hour in which processes store what they have counted in this hour, ms. The hour is looked at after this time. */
export const SETTLE_MS = 30_000
/** Hour that comes after all hours of an ended experiment. */
const NEVER = 2 ** 31 - 1

/** Look at the data of an experiment. */
export interface Look {
  /** Number of the look, counted from 1; 0 while there is nothing to look at. */
  readonly number: number
  /** Hour of the experiment before which its data count. */
  readonly beforeHour: number
  /** Time of the next look, Unix epoch ms; undefined for an ended experiment. */
  readonly nextAt: number | undefined
}

/**
 * Returns the newest look at the data of an experiment. There is a look after each full hour under trial, and a last one when the experiment
 * has ended. In between, the look stays the same, so that nobody can wait for a moment at which chance favours an arm.
 * @param now Time of the database's clock, Unix epoch ms.
 */
export function lookAt(
  { startedAt, endedAt, leadInHours }: Pick<StoredExperiment, 'startedAt' | 'endedAt' | 'leadInHours'>,
  now: number,
): Look {
  const began = Date.parse(startedAt)
  if (endedAt !== null) {
    const hours = Math.ceil((Date.parse(endedAt) - began) / HOUR_MS)
    return { number: Math.max(0, hours - leadInHours), beforeHour: NEVER, nextAt: undefined }
  }
  const number = Math.max(0, Math.floor((now - began - SETTLE_MS) / HOUR_MS) - leadInHours)
  const beforeHour = leadInHours + number
  return { number, beforeHour, nextAt: began + (beforeHour + 1) * HOUR_MS + SETTLE_MS }
}

/** Returns the newest experiments with the comparison of their arms. @throws if the database does not answer. */
export async function reportExperiments(read: RunStatement, limit: number, now: number): Promise<Experiment[]> {
  const stored = await readExperiments(read, limit)
  const looks = stored.map((one) => lookAt(one, now))
  const sums = await readSums(
    read,
    stored.map(({ id, leadInHours }, index) => ({ id, leadInHours, beforeHour: looks[index]?.beforeHour ?? 0 })),
  )
  return stored.map(({ trialBuckets, ...one }, index) => {
    const { number, nextAt } = looks[index] as Look
    const { before, during, readsOfTrial } = sums.get(one.id) ?? NO_SUMS
    const trialAt = Date.parse(one.startedAt) + one.leadInHours * HOUR_MS
    const isTrial = (bucket: number) => armOf(bucket, { trialBuckets }) === 'trial'
    return {
      ...one,
      share: trialBuckets / BUCKETS,
      phase: one.endedAt !== null ? 'ended' : now < trialAt ? 'lead-in' : 'trial',
      trialAt: new Date(trialAt).toISOString(),
      reads: { leadIn: before.reads.reduce((sum, reads) => sum + reads, 0), trial: readsOfTrial },
      looks: number,
      nextLookAt: nextAt === undefined ? null : new Date(nextAt).toISOString(),
      comparison: number === 0 ? null : compareArms({ before, during, isTrial, look: number }),
    }
  })
}

const NONE = { reads: new Float64Array(BUCKETS), hits: new Float64Array(BUCKETS) }
const NO_SUMS = { before: NONE, during: NONE, readsOfTrial: 0 }
