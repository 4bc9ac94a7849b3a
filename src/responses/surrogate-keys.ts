const LONGEST_KEY_BYTES = 1024
const LONGEST_HEADER_BYTES = 16_384
const NOT_PLAIN = /[^A-Za-z0-9._~-]/gu

/**
 * The tags of an answer as caches in between are purged by: the tenant, each type, each row (`t7`, `Campaign`, `Campaign-42`),
 * coarsest first. Undefined where they do not all fit, in which case a purge would miss the answer.
 */
export function surrogateKeys(tags: readonly string[]): readonly string[] | undefined {
  const tenants = new Set<string>()
  const types = new Set<string>()
  const rows = new Set<string>()
  for (const tag of tags) {
    const [tenant = '', type, ...id] = tag.split(':')
    tenants.add(plain(tenant))
    if (type === undefined) continue
    const name = /^[A-Za-z0-9]+/.exec(type)?.[0] ?? type
    types.add(plain(name))
    if (type === name && id.length > 0) rows.add(`${plain(name)}-${plain(id.join(':'))}`)
  }
  const keys = [...tenants, ...types, ...rows]
  const total = keys.reduce((bytes, key) => bytes + key.length + 1, 0)
  return total > LONGEST_HEADER_BYTES || keys.some((key) => key.length > LONGEST_KEY_BYTES) ? undefined : keys
}

/** Nothing but what a header may hold, whatever an id is made of. */
function plain(text: string): string {
  return text.toWellFormed().replace(NOT_PLAIN, (character) => encodeURIComponent(character))
}
