/** Returns a path as programs write it, such as `campaigns.nodes[3].domainCount`. */
export function pathText(path: readonly (string | number)[]): string {
  return path.reduce<string>((text, part) => (typeof part === 'number' ? `${text}[${part}]` : text === '' ? part : `${text}.${part}`), '')
}

/**
 * Returns the row that a part of an answer is, or belongs to, such as `Campaign acme:42`; null for a part of no single row, such as a list.
 * @param policy Type, or type and field, of the part.
 */
export function subjectOf(policy: string, tags: readonly string[]): string | null {
  const [type = ''] = policy.split('.', 1)
  for (const tag of tags) {
    const [tenant = '', name, ...id] = tag.split(':')
    if (name === type && id.length > 0) return `${type} ${tenant}:${id.join(':')}`
  }
  return null
}
