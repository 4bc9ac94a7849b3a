import type { Report } from '../../../../src/operations/admin/contract.ts'
import { bytes, count, fewPoints, UNKNOWN } from '../../format/format.ts'

/** Names of figures whose words would not be understood otherwise. */
const NAMES: Readonly<Record<string, string>> = {
  l1: 'TTL in memory, seconds',
  l2: 'TTL in Redis, seconds',
  memoryBytes: 'CACHE_MEMORY_BYTES',
  missRatio: 'reads without a copy in memory',
  expectedMissRatio: 'reads without a copy in memory of the advised size',
  needlessReloadsOfTag: 'needless reloads of the tag',
  stored: 'stored copies',
  reused: 'stored copies that were read',
  meanLoadMs: 'mean load, ms',
  comparedLoads: 'loads that were compared',
  repeatedValues: 'of them with the value that would have been cached',
  differentValues: 'of them with another value',
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

type Recommendation = Report['recommendations'][number]

/** Returns the gain as a figure, such as `+1.2 points of the field hit rate`. Few points have two decimals. */
export function gainText({ points }: Recommendation['gain']): string {
  if (points === null) return `${UNKNOWN} not known`
  if (points === 0) return '0 points of the field hit rate'
  const text = fewPoints(points)
  return `${text.startsWith('<') ? text : `+${text}`} points of the field hit rate`
}

/** Returns the cost as a figure, such as `12 MiB of memory` or `none`. */
export function costText({ amount, unit }: Recommendation['cost']): string {
  if (amount === null) return 'No figure'
  if (amount === 0) return 'None'
  if (unit === 'bytes') return `${bytes(amount)} of memory`
  if (unit === 'points') return `${amount < 0.005 ? '< 0.01' : amount.toFixed(2)} points of the field hit rate`
  return `${count(amount)} ${unit}`
}
