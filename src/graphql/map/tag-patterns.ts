import type { Entity } from '../../cache/entity.ts'
import type { DependsItem, DependsPredicate, DependsSource } from '../depends-syntax.ts'

interface Item {
  readonly item: DependsItem
  readonly entity: Entity
}

/**
 * The tags of a value, with names in the places of values: `<tenant>:Bid[]:call_id=$args.callId`.
 * @param row The type of the row itself, or of the row that the field is of.
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
  // Where no predicate applies, any list will do; of a parent's row each has its value.
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
