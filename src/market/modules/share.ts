/** Returns `part / whole`; null if `whole` is 0. For example, without any calls the share of sold calls is undefined, not 0. */
export function share(part: number, whole: number): number | null {
  return whole === 0 ? null : part / whole
}
