import { z } from 'zod'
import { limitOf, reason, share, time } from './common.ts'
import { coordinate, values } from './policies.ts'
import { confirmation } from './purges.ts'

const arm = z.object({
  reads: z.number().int().describe('Reads of keys of the arm since the trial began, up to the last look.'),
  hitRate: share.describe('Share of these reads that were hits.'),
})
const points = z.number().nullable()

const comparison = z.object({
  control: arm,
  trial: arm,
  points: points.describe(
    'Difference of the hit rates, trial minus control, in percentage points, corrected by the lead-in, so it can differ from the two hit rates above; null if it is unknown.',
  ),
  low: points.describe('Lower end of the confidence interval of the difference. It holds at all looks at once. Null if it is unknown.'),
  high: points.describe('Upper end of this interval.'),
  verdict: z.enum(['trial', 'control', 'undecided']).describe('The arm with the higher hit rate, or that this is not decided.'),
  readsNeeded: z.number().nullable().describe('Estimated number of reads until the difference is decided; null if it is unknown.'),
})

export const experiment = z.object({
  id: z.number().int(),
  coordinate,
  control: values.describe('Values of the policy of the control, when the experiment was started.'),
  trial: values.describe('Values that the trial has in place of these.'),
  valuesToKeep: values.describe(
    'Values to set by POST /policies to keep the policy of the trial: those of the trial, and the others that operators have set, because the whole override is replaced.',
  ),
  share: z.number().describe('Share of the keys in the trial: a multiple of 1/256.'),
  leadInHours: z.number().int(),
  phase: z.enum(['lead-in', 'trial', 'ended']).describe('In the lead-in, both arms have the policy of the control.'),
  startedBy: z.string(),
  startedAt: time,
  reason: z.string().nullable(),
  trialAt: time.describe('End of the lead-in.'),
  endedBy: z.string().nullable(),
  endedAt: time.nullable(),
  endReason: z.string().nullable(),
  reads: z.object({ leadIn: z.number().int(), trial: z.number().int() }).describe('Reads of both arms up to now, by phase.'),
  looks: z.number().int().describe('Number of looks at the data. There is one after each full hour under trial, and one at the end.'),
  nextLookAt: time.nullable().describe('Time of the next look; null if the experiment has ended.'),
  comparison: comparison.nullable().describe('The arms at the last look; null before the first one.'),
})

export const experimentsQuery = z.strictObject({ limit: limitOf(50, 10) })
export const experiments = z.object({
  at: time,
  experiments: z.array(experiment).describe('Those that run, and then the newest ended ones.'),
})

export const startExperimentBody = z.strictObject({
  coordinate,
  values: values
    .refine((given) => Object.keys(given).length > 0, 'Expected at least one value that the trial changes')
    .describe('Values of the policy that the trial has, in the units of `@cache`, such as `{ "l1": 30 }`. All others stay.'),
  share: z.number().min(0.01).max(0.99).default(0.5).describe('Share of the keys in the trial.'),
  leadInHours: z
    .number()
    .int()
    .min(0)
    .max(168)
    .default(24)
    .describe('Hours in which both arms keep the same policy. Their difference in this time makes the comparison more precise.'),
  reason: reason.optional(),
})

export const stopExperimentBody = z.strictObject({ coordinate, reason: reason.optional() })

export const changeExperimentsResult = experiments.extend({
  instances: z.array(confirmation).describe('Processes, and whether they have applied the change.'),
})
