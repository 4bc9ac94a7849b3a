/**
 * Maps each path in a JSON value, such as `.ids[]`, to the types found at that path. The empty path is the value
 * itself. The type `absent` means that some objects lack the property.
 */
export type ValueShape = ReadonlyMap<string, ReadonlySet<string>>

/** Shapes by the namespace of their cache keys, such as `Campaign@Vx3kQ0-r2s`. */
export type ValueShapes = ReadonlyMap<string, ValueShape>

/** Types that comparisons ignore, because a null or absent value does not tell which other types may occur at the same path. */
const NOTHING: ReadonlySet<string> = new Set(['null', 'absent'])

export function shapeOf(values: Iterable<unknown>): ValueShape {
  const counts = new Map<string, Map<string, number>>()
  const visit = (value: unknown, path: string): void => {
    const type = typeOf(value)
    const types = counts.get(path) ?? new Map<string, number>()
    counts.set(path, types.set(type, (types.get(type) ?? 0) + 1))
    if (Array.isArray(value)) for (const item of value) visit(item, `${path}[]`)
    else if (typeof value === 'object' && value !== null)
      for (const [name, inner] of Object.entries(value)) if (inner !== undefined) visit(inner, `${path}.${name}`)
  }
  for (const value of values) visit(value, '')
  return new Map(
    [...counts].map(([path, types]) => {
      const found = [...types.values()].reduce((sum, count) => sum + count, 0)
      const isOptional = isProperty(path) && found < (counts.get(parentOf(path))?.get('object') ?? 0)
      return [path, new Set([...types.keys(), ...(isOptional ? ['absent'] : [])])]
    }),
  )
}

/**
 * Returns the differences, each as a phrase. Ignores nulls and the items of empty lists, because a run in which only
 * these occurred did not see the other types at their path.
 */
function differences(recorded: ValueShape, seen: ValueShape): readonly string[] {
  const added = [...seen].flatMap(([path, types]) => {
    const known = recorded.get(path)
    if (!known) return isProperty(path) && recorded.get(parentOf(path))?.has('object') ? [`${path} is new`] : []
    if (known.isSubsetOf(NOTHING)) return []
    return [...types].filter((type) => !known.has(type) && !NOTHING.has(type)).map((type) => `${path || 'it'} can be of the type ${type}`)
  })
  const isGone = (path: string, types: ReadonlySet<string>) =>
    isProperty(path) && !seen.has(path) && !types.has('absent') && seen.get(parentOf(path))?.has('object')
  return [...added, ...[...recorded].flatMap(([path, types]) => (isGone(path, types) ? [`${path} is gone`] : []))]
}

/**
 * Compares values with the shapes that an earlier release recorded.
 * @returns one sentence for each GraphQL coordinate whose cached values another release would misread, and one sentence
 * for each coordinate whose recorded shape is out of date.
 */
export function compare(recorded: ValueShapes, seen: ValueShapes) {
  const misread: string[] = []
  const outdated: string[] = []
  for (const [namespace, shape] of seen) {
    const [coordinate] = namespace.split('@')
    const known = recorded.get(namespace)
    const found = known && differences(known, shape)
    if (!found) outdated.push(`${coordinate} has another key than was recorded.`)
    else if (found.length > 0)
      misread.push(
        `The value of ${coordinate} has another shape under the same key (${found.join(', ')}): raise the version of its loader, see \`versioned\` and \`EntityType\` in src/gateway/contract/module.ts.`,
      )
  }
  for (const namespace of recorded.keys()) if (!seen.has(namespace)) outdated.push(`${namespace} is recorded, but not in use.`)
  return { misread, outdated }
}

export function written(shapes: ValueShapes): string {
  const linesOf = (shape: ValueShape) => [...shape].map(([path, types]) => `  ${path}: ${[...types].sort().join(' | ')}\n`).sort()
  return [...shapes]
    .map(([namespace, shape]) => `${namespace}\n${linesOf(shape).join('')}`)
    .sort()
    .join('')
}

export function read(text: string): ValueShapes {
  const shapes = new Map<string, Map<string, ReadonlySet<string>>>()
  let shape = new Map<string, ReadonlySet<string>>()
  for (const line of text.split('\n').filter(Boolean)) {
    const colon = line.lastIndexOf(': ')
    if (line.startsWith(' ')) shape.set(line.slice(2, colon), new Set(line.slice(colon + 2).split(' | ')))
    else {
      shape = new Map()
      shapes.set(line, shape)
    }
  }
  return shapes
}

function typeOf(value: unknown): string {
  return value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value
}

function isProperty(path: string): boolean {
  return path !== '' && !path.endsWith('[]')
}

/** Returns the path of the object that contains a property. */
function parentOf(path: string): string {
  return path.slice(0, path.lastIndexOf('.'))
}
