/** Parts of a key, in words. */
export interface KeyMeaning {
  readonly tenant: string
  /** Type, or type and field, with the policy that decides how long the value lives. */
  readonly policy: string
  /** Id and arguments of the value, or that the key has a hash in their place. */
  readonly arguments: string
}

/** Explains a key, such as `acme:Campaign@x1:["42"]`; undefined for a text that is no key. */
export function keyMeaning(key: string): KeyMeaning | undefined {
  const [, tenant, policy, given] = /^([^:]+):([A-Za-z][A-Za-z0-9_.]*)(?:@[^:]*)?:(.*)$/s.exec(key) ?? []
  if (tenant === undefined || policy === undefined || given === undefined) return undefined
  return { tenant, policy, arguments: given.startsWith('#') ? 'a hash of them, because they are long' : given }
}
