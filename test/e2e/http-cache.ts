/** Simulates a browser cache: it stores responses to GET requests and revalidates them. */
export interface HttpCache {
  /** Function by which a page sends its requests. The page never receives a 304: the cache answers with the stored response instead. */
  readonly fetch: typeof fetch
  /** Requests that went over the network, oldest first. */
  readonly exchanges: readonly Exchange[]
}

export interface Exchange {
  readonly method: string
  readonly url: string
  readonly status: number
  /** Body of the response as the page sees it. */
  readonly text: string
}

interface Kept {
  readonly tag: string
  readonly headers: Headers
  readonly text: string
}

/** Creates an empty browser cache. @param network Function that sends a request over the network. */
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
