import type { CachePolicy } from '../../engine/cache/model/policy.ts'
import { type ArmedPolicy, policyOfKey } from './experiment.ts'

/** Returns the policy of the value of a cache key; undefined if the namespace of the key is not known. */
export type PolicyOfKey = (key: string) => CachePolicy | undefined

/**
 * Returns a function that finds the policies of cache keys. It must not be kept, because it does not follow later changes of the policies.
 * @param others Policies of values that are not part of the schema, by the namespace of their keys.
 */
export function policiesOfKeys(
  others: ReadonlyMap<string, CachePolicy>,
  rules: Iterable<ArmedPolicy & { readonly namespace: string }>,
): PolicyOfKey {
  const byNamespace = new Map([...rules].map((rule) => [rule.namespace, rule]))
  return (key) => {
    const namespace = namespaceOf(key)
    const rule = byNamespace.get(namespace)
    return rule ? policyOfKey(rule, key) : others.get(namespace)
  }
}

/** Returns the namespace of a key, which is between its first two colons. */
export function namespaceOf(key: string): string {
  const start = key.indexOf(':') + 1
  return key.slice(start, key.indexOf(':', start))
}
