import { Binary } from '../model/binary.ts'

/** Path of a value that is no object, or of a whole list. */
const ROOT = '$'
/** Names that may be fields. Another name may be data, such as an id or a phone number, so it is not told. */
const FIELD_NAME = /^[A-Za-z_]\w{0,63}$/

/** Returns a value in the form in which the shared tier stores it. A {@link Binary} must contain JSON in UTF-8. */
export function storedJson(value: unknown): unknown {
  return JSON.parse(value instanceof Binary ? new TextDecoder().decode(value.bytes) : JSON.stringify(value ?? null))
}

/**
 * Returns the paths of the fields in which two JSON values differ, such as `campaigns.edges[2].node.name`. The paths contain names and
 * positions, but no values. `$` stands for the whole value.
 */
export function differingPaths(one: unknown, other: unknown): readonly string[] {
  const paths = new Set<string>()
  collect(one, other, '', paths)
  return [...paths]
}

function collect(one: unknown, other: unknown, path: string, paths: Set<string>): void {
  if (one === other) return
  if (!isComposite(one) || !isComposite(other) || Array.isArray(one) !== Array.isArray(other) || lengthOf(one) !== lengthOf(other)) {
    paths.add(path === '' ? ROOT : path)
    return
  }
  for (const name of new Set([...Object.keys(one), ...Object.keys(other)])) {
    const shown = FIELD_NAME.test(name) ? name : '*'
    const next = Array.isArray(one) ? `${path === '' ? ROOT : path}[${name}]` : path === '' ? shown : `${path}.${shown}`
    collect(one[name], other[name], next, paths)
  }
}

function isComposite(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}

/** Lists of different lengths differ as a whole, because it is not known which of their items belong together. */
function lengthOf(value: object): number | undefined {
  return Array.isArray(value) ? value.length : undefined
}
