/*
 * The items of `@cache(depends:)`:
 *
 *     Type                                    any list of the type
 *     Type~                                   any change of any row of the type
 *     Type[column: $source]                   the lists with that value in a declared dimension
 *     Type[column: $source | column: $source] the first of them whose value is present
 *     Type[column: $args.a..$args.b]          the days from a to b, for a declared time dimension
 *     Type[column: past $args.a..$args.b]     the same, but only for a range that ended before today
 *     … if $args.name = A | B                 the item counts only where the argument has one of these values
 *     … if $args.name                         the item counts only where the argument is given: not null, no empty list
 *     … unless $args.name                     the item counts only where it is not
 */

export interface DependsItem {
  readonly type: string
  readonly anyChange: boolean
  readonly predicates: readonly DependsPredicate[]
  readonly condition: DependsCondition | undefined
}

export interface DependsCondition {
  readonly source: DependsSource
  /** Undefined where any value will do. */
  readonly values: readonly string[] | undefined
  /** Whether the item counts where the condition does not hold. */
  readonly isNegated: boolean
}

export type DependsPredicate =
  | { readonly kind: 'value'; readonly column: string; readonly source: DependsSource }
  | {
      readonly kind: 'range'
      readonly column: string
      readonly from: DependsSource
      readonly to: DependsSource
      /** Whether it counts only for a range that ended before today. */
      readonly onlyPast: boolean
    }

/** A name of the parent's value or of the field's arguments; it may be a path. */
export interface DependsSource {
  readonly of: 'parent' | 'args'
  readonly path: readonly string[]
}

const ITEM = /^([A-Z][A-Za-z0-9]*)(~|\[([^[\]]+)\])?(?: ((?:if|unless) .+))?$/
const CONDITION = /^(?:if (\S+)(?: = ([A-Za-z0-9_]+(?: \| [A-Za-z0-9_]+)*))?|unless (\S+))$/
const PREDICATE = /^([a-z][a-z0-9_]*): (past )?(\S+?)(?:\.\.(\S+))?$/
const SOURCE = /^\$(parent|args)\.([A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z_][A-Za-z0-9_]*)*)$/

/** @returns undefined where the text is not spelled like an item. */
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

function parseSource(text: string): DependsSource | undefined {
  const [, of, path] = SOURCE.exec(text) ?? []
  return (of === 'parent' || of === 'args') && path !== undefined ? { of, path: path.split('.') } : undefined
}
