import { bytes, count } from '../../format/format.ts'

/** Names of figures whose words would not be understood otherwise. */
const NAMES: Readonly<Record<string, string>> = {
  l1: 'TTL in memory, seconds',
  l2: 'TTL in Redis, seconds',
  memoryBytes: 'CACHE_MEMORY_BYTES',
  needlessReloadsOfTag: 'needless reloads of the tag',
}

/** Returns the figures that show a finding, in words. */
export function evidenceOf(
  evidence: Readonly<Record<string, number | string>>,
): readonly { readonly name: string; readonly value: string }[] {
  return Object.entries(evidence).map(([name, value]) => ({
    name: NAMES[name] ?? name.replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`),
    value: typeof value === 'string' ? value : name.endsWith('Bytes') ? bytes(value) : count(value),
  }))
}

/** Whether a recommendation is about a field of the schema. Those about the configuration name a variable of the environment. */
export function isField(subject: string): boolean {
  return !/^[A-Z_]+$/.test(subject)
}
