/**
 * Type of an object without properties. It ensures that a function handles every field of an input. Example: `const { id, version,
 * ...others } = input`, `others satisfies NoMore`. A field that is added to the SDL remains in `others`, and the program does not compile
 * until the function handles the field.
 */
export type NoMore = Readonly<Record<string, never>>
