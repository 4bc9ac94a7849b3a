export const JSON_TYPE = 'application/json'
export const GRAPHQL_TYPE = 'application/graphql-response+json'
export const EVENT_STREAM_TYPE = 'text/event-stream'

interface Preference {
  readonly type: typeof JSON_TYPE | typeof GRAPHQL_TYPE
  readonly quality: number
  /** Specificity of the media range: 2 for the media type itself, 1 for `application/*`, 0 for any type. */
  readonly specificity: number
  readonly position: number
}

/**
 * Returns the media type of the response for the client's `Accept` header; null if the header accepts neither plain JSON nor
 * `application/graphql-response+json`. Without the header, the response is plain JSON. If the header gives both types the same quality, the
 * type with the more specific media range wins. If both ranges are equally specific, the type with the earlier range wins. Apollo Server
 * has the same rules.
 */
export function answerType(accept: string | undefined): typeof JSON_TYPE | typeof GRAPHQL_TYPE | null {
  if (!accept) return JSON_TYPE
  const ranges = rangesOf(accept)
  const preferences = ([JSON_TYPE, GRAPHQL_TYPE] as const).flatMap((type): Preference[] => {
    const names = ['*/*', 'application/*', type]
    const matches = ranges.map(({ type: name, quality }, position) => ({ type, quality, specificity: names.indexOf(name), position }))
    return matches
      .filter(({ specificity }) => specificity >= 0)
      .sort((a, b) => b.specificity - a.specificity)
      .slice(0, 1)
  })
  const [best] = preferences
    .filter(({ quality }) => quality > 0)
    .sort((a, b) => b.quality - a.quality || b.specificity - a.specificity || a.position - b.position)
  return best?.type ?? null
}

/**
 * Returns whether the client prefers a stream of events to any other response: its `Accept` header names `text/event-stream`, and names no
 * type of JSON with the same or a higher quality. Some clients name all types that they can read with each request, and JSON first.
 */
export function prefersEvents(accept: string | undefined): boolean {
  if (!accept || !/text\/event-stream/i.test(accept)) return false
  const ranges = rangesOf(accept)
  const best = (...types: readonly string[]) =>
    Math.max(0, ...ranges.filter(({ type }) => types.includes(type)).map(({ quality }) => quality))
  const quality = best(EVENT_STREAM_TYPE)
  return quality > 0 && quality > best(JSON_TYPE, GRAPHQL_TYPE)
}

function rangesOf(accept: string): readonly { readonly type: string; readonly quality: number }[] {
  return accept.split(',').map((part) => {
    const [type = '', ...parameters] = part.split(';').map((text) => text.trim().toLowerCase())
    const quality = parameters.find((parameter) => parameter.startsWith('q='))
    return { type, quality: quality === undefined ? 1 : Number(quality.slice(2)) || 0 }
  })
}
