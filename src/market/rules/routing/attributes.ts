import { DocumentReader, type Parsed } from '../document.ts'
import { type Attributes, conditionLimits, isFreeAttribute } from './condition.ts'

/** Attributes of a ping that every condition may name, and those that the publisher sends. */
export interface AttributeInput {
  readonly state: string
  readonly zip?: string | null
  /** Id of the publisher as clients see it. */
  readonly publisher?: string | null
  readonly subId?: string | null
  /** Hour of the day, 0 to 23, in the caller's state. */
  readonly hour: number
  readonly others?: readonly { readonly name: string; readonly value: string }[] | null
}

export const attributeLimits = { others: 20, textLength: 200 } as const

const distinct = {
  by: (name: string) => name,
  path: ['name'],
  problem: () => 'Expected each name once, but it is in the list before.',
}

/** Reads the attributes of a ping. A path such as `['others', '0', 'name']` leads to what is wrong. */
export function readAttributes({ state, hour, zip, publisher, subId, others }: AttributeInput): Parsed<Attributes> {
  const reader = new DocumentReader()
  const attributes = new Map<string, string | number>([
    ['state', state],
    ['hour', hour],
  ])
  if (publisher != null) attributes.set('publisher', publisher)
  if (zip != null)
    if (/^\d{5}$/.test(zip)) attributes.set('zip', zip)
    else reader.unexpected(['zip'], 'five digits such as "02134"', zip)
  const text = (given: string, path: readonly string[]) =>
    reader.text(given, path, { what: 'a text', maxLength: attributeLimits.textLength }) ?? ''
  if (subId != null) attributes.set('subId', text(subId, ['subId']))
  reader.list(others ?? [], ['others'], { max: attributeLimits.others, distinct }, (item, path) => {
    const { name, value } = item as { readonly name: string; readonly value: string }
    if (isFreeAttribute(name)) attributes.set(name, text(value, [...path, 'value']))
    else reader.unexpected([...path, 'name'], FREE_NAME, name)
    return name
  })
  return reader.result<Attributes>(attributes)
}

const FREE_NAME = `a name of at most ${conditionLimits.nameLength} letters, digits, dots, hyphens and underscores that begins with a letter and is not built in`
