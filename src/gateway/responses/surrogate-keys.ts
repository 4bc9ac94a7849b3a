const MAX_KEY_BYTES = 1024
const MAX_HEADER_BYTES = 16_384
const NOT_PLAIN = /[^A-Za-z0-9._~-]/gu

/**
 * Returns the keys by which a CDN can purge a response, coarsest first. There is a key for the tenant (`t7`), for each type (`Campaign`),
 * for each tag in the argument `tags` of a `@cache` (`tag-prices`), and for each row (`Campaign-42`). Returns undefined if the keys exceed
 * the size limits of a header. Never returns only some of the keys, because a purge by a missing key would not reach the response.
 */
export function surrogateKeys(tags: readonly string[]): readonly string[] | undefined {
  const tenants = new Set<string>()
  const types = new Set<string>()
  const rows = new Set<string>()
  for (const tag of tags) {
    const [tenant = '', type, ...id] = tag.split(':')
    tenants.add(plain(tenant))
    if (type === undefined) continue
    if (type.startsWith('#')) {
      types.add(`tag-${plain(type.slice(1))}`)
      continue
    }
    const name = /^[A-Za-z0-9]+/.exec(type)?.[0] ?? type
    types.add(plain(name))
    if (type === name && id.length > 0) rows.add(`${plain(name)}-${plain(id.join(':'))}`)
  }
  const keys = [...tenants, ...types, ...rows]
  const total = keys.reduce((bytes, key) => bytes + key.length + 1, 0)
  return total > MAX_HEADER_BYTES || keys.some((key) => key.length > MAX_KEY_BYTES) ? undefined : keys
}

/** Percent-encodes every character that a header value must not contain, because an id may contain any text. */
function plain(text: string): string {
  return text.toWellFormed().replace(NOT_PLAIN, (character) => encodeURIComponent(character))
}
