/** Meaning of one form of a tag. */
export interface TagForm {
  readonly example: string
  readonly meaning: string
}

/** Forms of tags, from the narrowest to the widest. */
export const TAG_FORMS: readonly TagForm[] = [
  { example: 'acme:Campaign:42', meaning: 'One row: the campaign 42 of the tenant acme.' },
  { example: 'acme:Campaign[]:owner_id=7', meaning: 'Lists of campaigns that are filtered by this value.' },
  {
    example: 'acme:Campaign[]',
    meaning: 'Lists of campaigns that are not filtered. A row came, went, or changed what lists are sorted or filtered by.',
  },
  { example: 'acme:Campaign~', meaning: 'Any change of a campaign. Totals and searches depend on it.' },
  {
    example: 'acme:Campaign*',
    meaning:
      'Every cached value that contains any campaign of the tenant: its row, its lists, its totals. One statement changed so many campaigns that they are not named one by one.',
  },
  { example: 'acme:#prices', meaning: 'A free tag, which the schema gives to values.' },
  { example: 'acme', meaning: 'Everything of the tenant.' },
  { example: '*', meaning: 'Everything of all tenants.' },
]

/** Returns what a tag stands for in a few words, such as `lists of Campaign with owner_id 7`. */
export function tagWords(tag: string): string {
  if (tag === '*') return 'everything of all tenants'
  const colon = tag.indexOf(':')
  if (colon < 0) return `everything of ${tag}`
  const text = tag.slice(colon + 1)
  if (text.startsWith('#')) return `values with the free tag ${text.slice(1)}`
  const [, type = '', mark = '', rest = ''] = /^([A-Z][A-Za-z0-9]*)(\[\]|[*~])?(.*)$/s.exec(text) ?? []
  if (type === '' || /^[@.]|^:\[|:#/.test(rest)) return 'one cached value'
  if (mark === '~') return `values that depend on any change of ${type}`
  if (mark === '*') return `all values with a ${type}, because very many rows changed at once`
  if (mark === '') return `the ${type} ${rest.slice(1)}`
  const [, column, value] = /^:([A-Za-z0-9_]+)(?:=(.*)| is null)$/s.exec(rest) ?? []
  if (column === undefined) return `all lists of ${type}`
  return value === undefined ? `lists of ${type} without ${column}` : `lists of ${type} with ${column} ${value}`
}
