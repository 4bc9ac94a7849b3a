import { EVERYTHING_TAG } from '../../engine/cache/model/entity.ts'

/**
 * Returns the kind of a tag: the tag without its tenant, id and values. Examples: `Campaign` for a row, `Domain[]` for a list,
 * `Domain[]:status` for a list with a dimension, `Domain*` for a bulk change, `#prices` for a free tag, `tenant`, `everything`.
 * @param tag A tag or the text of a cache key; undefined if a full reset voided the copy.
 */
export function kindOfTag(tag: string | undefined): string {
  if (tag === undefined) return 'reset'
  if (tag === EVERYTHING_TAG) return 'everything'
  const colon = tag.indexOf(':')
  if (colon < 0) return 'tenant'
  const text = tag.slice(colon + 1)
  if (text.startsWith('#')) return text
  const [, type = '', mark = '', rest = ''] = /^([A-Za-z0-9]+)(\[\]|[*~])?(.*)$/s.exec(text) ?? []
  if (type === '' || /^[@.]|:[[#]/.test(rest)) return 'key'
  const dimension = mark === '[]' ? /^:([A-Za-z0-9_]+)(?:=| is null)/.exec(rest)?.[1] : undefined
  return dimension === undefined ? `${type}${mark}` : `${type}${mark}:${dimension}`
}
