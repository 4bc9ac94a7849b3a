/** Dependency that invalidates a field needlessly. */
export interface WideDependency {
  /** Field with the policy, such as `Campaign.domainCount`. */
  readonly field: string
  /** Argument `depends` as written; undefined without it. */
  readonly depends: readonly string[] | undefined
  /** Type whose changes invalidate the field needlessly. */
  readonly type: string
  /** Whether no reload because of this type returned a new value. */
  readonly isUnused: boolean
  /** Declared dimensions of the type: the columns that `depends` may name. */
  readonly dimensions: readonly string[]
  /** Names of the arguments of the field. */
  readonly arguments: readonly string[]
}

/** A change of `depends`. */
export interface NarrowerDepends {
  readonly change: string
  /** The new `depends`; undefined if a person must decide. */
  readonly depends: readonly string[] | undefined
  /** Whether this process has the new `depends` already. */
  readonly isDone?: boolean
  /** A sentence about what the change costs if loads are not checked first; undefined if it needs no check. */
  readonly risk?: string
}

const ITEM = /^([A-Z][A-Za-z0-9]*)(~|\[[^[\]]+\])?((?: (?:if|unless) .+)?)$/

/**
 * Says how `depends` can be narrowed. An item may be removed only if the value never changed because of it, and only after a check: a load may read
 * the table for something that none of the counted writes changed, such as the order of a list. Otherwise the item gets the column that leads to the parent, if the type declares it.
 */
export function narrowerDepends({ field, depends, type, isUnused, dimensions, arguments: names }: WideDependency): NarrowerDepends {
  const items = (depends ?? []).map((text) => ({ text, of: ITEM.exec(text)?.[1] }))
  const isNamed = items.some(({ of }) => of === type)
  if (depends === undefined)
    return { change: `Give ${field} a @cache(depends:) of its own that does not name ${type}, or that names a column of it.`, depends }
  if (!isNamed)
    return {
      change: `@cache(depends:) of ${field} does not name ${type} any more in this process, so nothing is left to write.`,
      depends,
      isDone: true,
    }
  if (isUnused)
    return {
      change: `Check whether the load of ${field} reads the table of ${type}: start the gateway in development without ${type} in @cache(depends:) of ${field}, and send requests for it. A load that reads the table fails there with UNDECLARED_DEPENDENCY: then keep ${type}, and name the columns that matter. If none fails, deploy it without ${type}.`,
      depends: items.filter(({ of }) => of !== type).map(({ text }) => text),
      risk: `None if no load reads the table of ${type}. Else answers out of date: after a change of ${type} the old value would be served until its TTL ends. That no value changed so far is no proof, because a load may read the table only for its order or filter.`,
    }
  const predicate = predicateOf(field, dimensions, names)
  if (predicate === undefined) {
    const known = dimensions.length === 0 ? 'It declares none yet.' : `It declares ${dimensions.join(', ')}.`
    return {
      change: `In @cache(depends:) of ${field}, name a dimension of ${type} by which its rows are selected. ${known}`,
      depends: undefined,
    }
  }
  const narrowed = items.map(({ text, of }) => (of === type ? withPredicate(text, predicate.text) : text))
  return {
    change: `In @cache(depends:) of ${field}, name the column of ${type} that ${predicate.meaning}, if its rows are selected by it.`,
    depends: narrowed.some((text, place) => text !== depends[place]) ? narrowed : undefined,
    ...(predicate.argument === undefined
      ? {}
      : {
          risk: `None if the load selects rows of ${type} only by the argument ${predicate.argument}. Else answers out of date: a change of other rows would not invalidate the value until its TTL ends.`,
        }),
  }
}

/** Returns `depends` as it is written in the schema. */
export function dependsLine(depends: readonly string[]): string {
  return `depends: [${depends.map((item) => JSON.stringify(item)).join(', ')}]`
}

/** Returns the column that names the parent of a field by the convention of the schema; undefined for a root field or a type. */
function parentColumn(field: string): string | undefined {
  const [parent = '', own] = field.split('.')
  if (own === undefined || ['Query', 'Mutation'].includes(parent)) return undefined
  return `${parent.replaceAll(/(?<=[a-z0-9])[A-Z]/g, '_$&').toLowerCase()}_id`
}

/** Returns the predicate that selects rows by the parent of a field, or else by an argument with the name of a column; undefined if there is none. */
function predicateOf(field: string, dimensions: readonly string[], names: readonly string[]) {
  const column = parentColumn(field)
  if (column !== undefined && dimensions.includes(column))
    return { text: `${column}: $parent.id`, meaning: 'leads to the parent', argument: undefined }
  const named = dimensions.find((dimension) => names.includes(argumentName(dimension)))
  if (named === undefined) return undefined
  const argument = argumentName(named)
  return { text: `${named}: $args.${argument}`, meaning: `the argument ${argument} names`, argument }
}

function argumentName(column: string): string {
  return column.replaceAll(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase())
}

/** Adds a predicate to an item that names all lists of a type. An item with columns, or of any change of a row, stays as it is. */
function withPredicate(text: string, predicate: string): string {
  const [, type, form, condition = ''] = ITEM.exec(text) ?? []
  return form === undefined && type !== undefined ? `${type}[${predicate}]${condition}` : text
}
