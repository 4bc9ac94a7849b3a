/*
 * The items of `@cache(depends:)`. Each item names data of one type on which the cached value depends. A source is a property of the parent
 * object (`$parent.name`) or an argument of the field (`$args.name`).
 *
 *     Type                                    all lists of the type
 *     Type~                                   every change of a row of the type
 *     Type[column: $source]                   the lists of rows whose column (a declared dimension) has the value of the source
 *     Type[column: $source | column: $source] the lists of the first of these predicates whose source has a value
 *     Type[column: $args.a..$args.b]          the lists of rows on the days from a to b, for a declared time dimension
 *     Type[column: past $args.a..$args.b]     the same, but only for a range that ended before today
 *     … if $args.name = A | B                 the item applies only if the argument has one of these values
 *     … if $args.name                         the item applies only if the argument is given and is neither null nor an empty list
 *     … unless $args.name                     the item applies only if the argument is absent, null or an empty list
 */

export interface DependsItem {
  readonly type: string
  readonly anyChange: boolean
  readonly predicates: readonly DependsPredicate[]
  readonly condition: DependsCondition | undefined
}

export interface DependsCondition {
  readonly source: DependsSource
  /** Values of the argument for which the condition is true. Undefined if the condition is true for every given value. */
  readonly values: readonly string[] | undefined
  /** Whether the item applies only if the condition is false (`unless`). */
  readonly isNegated: boolean
}

export type DependsPredicate =
  | { readonly kind: 'value'; readonly column: string; readonly source: DependsSource }
  | {
      readonly kind: 'range'
      readonly column: string
      readonly from: DependsSource
      readonly to: DependsSource
      /** Whether the predicate applies only to a range of days that ended before today. */
      readonly onlyPast: boolean
    }

/** Path to a property of the parent object, or to an argument of the field. */
export interface DependsSource {
  readonly of: 'parent' | 'args'
  readonly path: readonly string[]
}

const ITEM = /^([A-Z][A-Za-z0-9]*)(~|\[([^[\]]+)\])?(?: ((?:if|unless) .+))?$/
const CONDITION = /^(?:if (\S+)(?: = ([A-Za-z0-9_]+(?: \| [A-Za-z0-9_]+)*))?|unless (\S+))$/
const PREDICATE = /^([a-z][a-z0-9_]*): (past )?(\S+?)(?:\.\.(\S+))?$/
const SOURCE = /^\$(parent|args)\.([A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z_][A-Za-z0-9_]*)*)$/

/** Parses one item of `depends`. @returns undefined if the text is no valid item. */
export function parseDependsItem(text: string): DependsItem | undefined {
  const [, type, form, list, conditionText] = ITEM.exec(text) ?? []
  if (type === undefined) return undefined
  const predicates = list === undefined ? [] : list.split(' | ').map(parsePredicate)
  const condition = conditionText === undefined ? undefined : parseCondition(conditionText)
  if (!predicates.every((predicate) => predicate !== undefined) || (conditionText !== undefined && !condition)) return undefined
  return { type, anyChange: form === '~', predicates, condition }
}

function parseCondition(text: string): DependsCondition | undefined {
  const [, wanted, values, unwanted] = CONDITION.exec(text) ?? []
  const source = parseSource(wanted ?? unwanted ?? '')
  return source && { source, values: values?.split(' | '), isNegated: unwanted !== undefined }
}

function parsePredicate(text: string): DependsPredicate | undefined {
  const [, column, past, first, second] = PREDICATE.exec(text) ?? []
  const from = first === undefined ? undefined : parseSource(first)
  if (column === undefined || !from) return undefined
  if (second === undefined) return past === undefined ? { kind: 'value', column, source: from } : undefined
  const to = parseSource(second)
  return to && { kind: 'range', column, from, to, onlyPast: past !== undefined }
}

/** Parses the name of a property of the parent object or of an argument, such as `$args.query`. @returns undefined for any other text. */
export function parseSource(text: string): DependsSource | undefined {
  const [, of, path] = SOURCE.exec(text) ?? []
  return (of === 'parent' || of === 'args') && path !== undefined ? { of, path: path.split('.') } : undefined
}
