import { z } from 'zod'

/** Describes an environment variable, for the program and for docs/configuration.md. */
export interface Variable {
  readonly group: string
  readonly schema: z.ZodType
  /** Default value, as an operator would write it; undefined if there is no default. */
  readonly default?: string
  readonly expected: string
  readonly meaning: string
}

/** Declares a variable whose value is a positive whole number. */
export const positive = (unit: string, fallback: string, meaning: string, group: string): Variable => ({
  group,
  schema: z.coerce.number().int().positive(),
  default: fallback,
  expected: `a positive whole number of ${unit}`,
  meaning,
})

/** Declares a variable that limits the number of requests per minute. */
export const rate = (of: string): Variable => ({
  group: 'Server',
  schema: z.coerce.number().int().min(0).max(1_000_000_000),
  default: '0',
  expected: 'a whole number of requests a minute; 0 for no limit',
  meaning: `Maximum number of requests a minute from ${of}. Processes with one Redis share the budget; without Redis each process has its own.`,
})

/** Declares a variable that limits the size of a request. */
export const limit = (unit: string, fallback: number, meaning: string): Variable =>
  positive(unit, String(fallback), meaning, 'Limits of a request')

/** Declares a variable whose value is `on` or `off`. */
export const onOff = (fallback: string, meaning: string, group: string): Variable => ({
  group,
  schema: z.enum(['on', 'off']),
  default: fallback,
  expected: 'on or off',
  meaning,
})

/** Declares a variable whose value is a text that is not empty. */
export const text = (expected: string, meaning: string, group: string, fallback?: string): Variable => ({
  group,
  schema: z.string().min(1),
  expected,
  meaning,
  ...(fallback === undefined ? {} : { default: fallback }),
})

/** Declares a variable whose value is a secret of at least 32 characters. */
export const secret = (meaning: string, group: string): Variable => ({
  group,
  schema: z.string().min(32),
  expected: 'at least 32 characters',
  meaning,
})
