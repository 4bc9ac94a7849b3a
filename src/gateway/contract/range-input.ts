import { type UserError, userError } from './user-error.ts'

/** Inclusive bounds of a number in a mutation's input, or of the number of items in a list. */
export interface Range {
  readonly min: number
  readonly max: number
  /** Unit that error messages name, such as `seconds`. */
  readonly unit?: string
}

/**
 * Returns an error if a number in the input of a mutation is no integer within the range. Undefined and null are accepted, because they
 * leave the stored value unchanged.
 * @param path The path to the number, from `input` on.
 */
export function rangeErrors(value: number | null | undefined, { min, max, unit }: Range, path: readonly string[]): UserError[] {
  if (value == null || (Number.isSafeInteger(value) && value >= min && value <= max)) return []
  return [userError('INVALID', `Expected from ${min} to ${max}${unit === undefined ? '' : ` ${unit}`}, got ${value}.`, path)]
}
