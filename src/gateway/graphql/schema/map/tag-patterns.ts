import type { Entity } from '../../../../engine/cache/model/entity.ts'
import type { DependsItem, DependsPredicate, DependsSource } from '../../../policies/depends-syntax.ts'

interface Item {
  readonly item: DependsItem
  readonly entity: Entity
}

/**
 * Returns the tags that invalidate a value, with placeholders, such as `<tenant>:Bid[]:call_id=$args.callId`.
 * @param row Entity of the cached row; for a field, entity of the row to which the field belongs.
 */
export function tagPatterns(items: readonly Item[], row: Entity | undefined, isField: boolean): readonly string[] {
  const own = row ? [`${ownerOf(row)}:${row.type}:${isField ? '$parent.id' : '$id'}`] : []
  return [...own, ...items.flatMap(patternsOf)]
}

function patternsOf({ item, entity }: Item): readonly string[] {
  const lists = `${ownerOf(entity)}:${entity.type}[]`
  const condition = item.condition ? ` ${conditionText(item.condition)}` : ''
  if (item.anyChange) return [`${ownerOf(entity)}:${entity.type}~${condition}`]
  const predicates = item.predicates.map((predicate) => `${lists}:${predicateText(predicate, entity)}`)
  // A predicate of an item of `depends` takes a value from an argument or from a property of the parent. This value may be absent. If all
  // predicates of the item lack a value, the cached value depends on all lists of the type. `$parent.id` always has a value.
  const isCertain = item.predicates.some((predicate) => predicate.kind === 'value' && sourceText(predicate.source) === '$parent.id')
  return [[...predicates, ...(isCertain ? [] : [lists])].join(' or ') + condition]
}

function predicateText(predicate: DependsPredicate, { times }: Entity): string {
  if (predicate.kind === 'value') return `${predicate.column}=${sourceText(predicate.source)}`
  const day = times?.[predicate.column]?.day ?? predicate.column
  return `${day}=${predicate.onlyPast ? 'past ' : ''}${sourceText(predicate.from)}..${sourceText(predicate.to)}`
}

function conditionText({ source, values, isNegated }: NonNullable<DependsItem['condition']>): string {
  return `${isNegated ? 'unless' : 'if'} ${sourceText(source)}${values ? ` = ${values.join(' | ')}` : ''}`
}

function sourceText({ of, path }: DependsSource): string {
  return `$${of}.${path.join('.')}`
}

function ownerOf({ tenantColumn }: Entity): string {
  return tenantColumn === null ? 'public' : '<tenant>'
}
