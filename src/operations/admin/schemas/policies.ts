import { z } from 'zod'
import { lineOfText, reason, time } from './common.ts'
import { confirmation } from './purges.ts'

export const coordinate = lineOfText(200).min(1).describe('Type or field with `@cache`, such as `Campaign` or `Query.campaigns`.')
export const values = z.record(z.string().max(40), z.number())

const policy = z.object({
  coordinate,
  scope: z.enum(['PUBLIC', 'TENANT', 'ROLE', 'USER']),
  values: values.describe('Values that apply now, in the units of `@cache`.'),
  isOverridden: z.boolean(),
  override: z
    .object({ values, by: z.string(), at: time, reason: z.string().nullable() })
    .nullable()
    .describe('Values that an operator set at run time; null if there are none.'),
})

export const policies = z.object({
  version: z.number().int().describe('Version of the stored overrides and experiments. It increases with every change of one of them.'),
  policies: z.array(policy),
})

export const changePoliciesBody = z.strictObject({
  set: z
    .array(z.strictObject({ coordinate, values }))
    .max(200)
    .default([])
    .describe('Overrides to set. The values replace the earlier override of the coordinate.'),
  reset: z.array(coordinate).max(200).default([]).describe('Coordinates whose overrides are removed.'),
  reason: reason.optional(),
})

export const changePoliciesResult = policies.extend({
  instances: z.array(confirmation).describe('Processes, and whether they use the new policies.'),
})
