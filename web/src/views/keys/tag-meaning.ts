const MARKS: Readonly<Record<string, (type: string, tenant: string) => string>> = {
  '[]': (type, tenant) => `all lists of ${type} of ${tenant}`,
  '~': (type, tenant) => `every change of a ${type} of ${tenant}`,
  '*': (type, tenant) => `all values with a ${type} of ${tenant}`,
}

/** Says in words what a tag stands for: a write of this invalidates each value with the tag. */
export function tagMeaning(tag: string): string {
  if (tag === '*') return 'everything'
  const colon = tag.indexOf(':')
  if (colon < 0) return `everything of the tenant ${tag}`
  const tenant = tag.slice(0, colon)
  const whose = tenant === 'public' ? 'all tenants (public data)' : `the tenant ${tenant}`
  const rest = tag.slice(colon + 1)
  if (rest.startsWith('#')) return `the free tag ${rest.slice(1)} of ${whose}, from @cache(tags:)`
  const [, type = '', mark = '', more = ''] = /^([A-Za-z0-9_]+)(\[\]|[*~])?(.*)$/s.exec(rest) ?? []
  const detail = more.replace(/^:/, '')
  if (/^[@.]/.test(more) || /^[[#]/.test(detail)) return `one cached value of ${whose}: this tag is a key`
  if (mark === '[]' && detail !== '') return `lists of ${type} of ${whose} that are filtered by ${detail}`
  return MARKS[mark]?.(type, whose) ?? `the row ${detail} of ${type}, of ${whose}`
}

/** Parts of a key, in words. */
export interface KeyMeaning {
  readonly tenant: string
  /** Type, or type and field, with the policy that decides how long the value lives. */
  readonly policy: string
  /** Id and arguments of the value, or that the key has a hash in their place. */
  readonly arguments: string
}

/** Explains a key, such as `acme:Campaign@x1:["42"]`; undefined for a text that is no key. */
export function keyMeaning(key: string): KeyMeaning | undefined {
  const [, tenant, policy, given] = /^([^:]+):([A-Za-z][A-Za-z0-9_.]*)(?:@[^:]*)?:(.*)$/s.exec(key) ?? []
  if (tenant === undefined || policy === undefined || given === undefined) return undefined
  return { tenant, policy, arguments: given.startsWith('#') ? 'a hash of them, because they are long' : given }
}
