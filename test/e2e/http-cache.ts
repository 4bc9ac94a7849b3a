/** What a browser has between its pages and the network: it keeps answers to GETs and asks whether they are still the same. */
export interface HttpCache {
  /** What a page calls: it is never shown a 304. */
  readonly fetch: typeof fetch
  /** The requests that went over the network, the oldest first. */
  readonly exchanges: readonly Exchange[]
}

export interface Exchange {
  readonly method: string
  readonly url: string
  readonly status: number
  /** Of the answer as a page sees it. */
  readonly text: string
}

interface Kept {
  readonly tag: string
  readonly headers: Headers
  readonly text: string
}

/** @param network What sends a request. */
export function createHttpCache(network: typeof fetch): HttpCache {
  const kept = new Map<string, Kept>()
  const exchanges: Exchange[] = []
  return {
    exchanges,
    async fetch(input, init = {}) {
      const method = init.method ?? 'GET'
      const headers = new Headers(init.headers)
      const key = `${input} ${headers.get('authorization')} ${headers.get('accept')}`
      const known = method === 'GET' ? kept.get(key) : undefined
      if (known) headers.set('if-none-match', known.tag)
      const response = await network(input, { ...init, headers })
      const isFresh = response.status === 304 && known !== undefined
      const text = isFresh ? known.text : await response.text()
      exchanges.push({ method, url: String(input), status: response.status, text })
      if (isFresh) return new Response(text, { headers: new Headers([...known.headers, ...response.headers]) })
      const tag = response.headers.get('etag')
      if (method === 'GET' && tag !== null) kept.set(key, { tag, headers: response.headers, text })
      return new Response(text, { status: response.status, headers: response.headers })
    },
  }
}
