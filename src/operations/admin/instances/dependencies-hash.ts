import { hash } from 'node:crypto'
import type { CacheRules } from '../../../gateway/policies/cache-rules.ts'

const LENGTH = 16

/** Returns a hash of the `depends` of all cache policies as they are written in the schema. It is the same in processes with the same ones. */
export function dependenciesHash(rules: Pick<CacheRules, 'entries'>): string {
  const written = [...rules.entries()].map(([coordinate, { depends }]) => [coordinate, depends ?? null] as const)
  return hash('sha256', JSON.stringify(written.toSorted(([a], [b]) => (a < b ? -1 : 1))), 'base64url').slice(0, LENGTH)
}
