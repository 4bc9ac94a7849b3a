import { randomBytes } from 'node:crypto'

export interface Page {
  readonly html: string
  readonly contentSecurityPolicy: string
}

const SANDBOX_SCRIPT = 'https://embeddable-sandbox.cdn.apollographql.com/_latest/embeddable-sandbox.umd.production.min.js'
const SANDBOX_PATIENCE_MS = 3000

const FIRST_QUERY = `query FirstCampaigns {
  campaigns(first: 3) {
    nodes {
      name
      status
      domainCount
      owner { name }
    }
  }
}
`
/** For who has no token. */
const PUBLIC_QUERY = `query TopLevelDomains {
  tlds(kind: COUNTRY_CODE) {
    name
    kind
  }
}
`

/** What an explorer shows at first. @param token Sent with each request; undefined for none. */
function firstRequest(token: string | undefined): { readonly document: string; readonly headers: Readonly<Record<string, string>> } {
  return token === undefined
    ? { document: PUBLIC_QUERY, headers: {} }
    : { document: FIRST_QUERY, headers: { authorization: `Bearer ${token}` } }
}

/**
 * The page at /: Apollo Sandbox, whose script comes from Apollo's CDN; where that cannot be reached, the GraphiQL that this
 * server has at /graphiql. Made anew for each visit, because it holds a nonce.
 */
export function landingPage(token: string | undefined): Page {
  const nonce = randomBytes(16).toString('base64')
  const html = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>tidegate</title>
<link rel="icon" href="data:,">
<style nonce="${nonce}">html, body, #explorer, iframe { height: 100%; width: 100%; margin: 0; border: 0 }</style>
</head>
<body>
<div id="explorer"></div>
<script nonce="${nonce}">
  const explorer = document.getElementById('explorer')
  const showLocal = () => {
    if (explorer.childElementCount > 0) return
    const frame = document.createElement('iframe')
    frame.src = '/graphiql'
    frame.title = 'GraphiQL'
    explorer.append(frame)
  }
  const script = document.createElement('script')
  script.src = '${SANDBOX_SCRIPT}'
  script.onerror = showLocal
  script.onload = () => {
    if (explorer.childElementCount > 0) return
    new window.EmbeddedSandbox({
      target: '#explorer',
      initialEndpoint: new URL('/graphql', location.href).href,
      initialState: ${inScript({ includeCookies: true, ...firstRequest(token) })},
      // A style attribute would break the page's policy; the style above does as well.
      allowDynamicStyles: false,
    })
  }
  setTimeout(showLocal, ${SANDBOX_PATIENCE_MS})
  document.head.append(script)
</script>
<noscript>This page needs JavaScript. The GraphQL endpoint is at /graphql.</noscript>
</body>
</html>
`
  const contentSecurityPolicy = [
    "default-src 'none'",
    `script-src 'nonce-${nonce}' https://embeddable-sandbox.cdn.apollographql.com`,
    `style-src 'nonce-${nonce}' https://embeddable-sandbox.cdn.apollographql.com`,
    "frame-src 'self' https://sandbox.embed.apollographql.com",
    'img-src data:',
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ')
  return { html, contentSecurityPolicy }
}

/** GraphiQL with everything it needs in one page. About 9 MB, read from disk when it is first asked for. */
export async function graphiqlPage(token: string | undefined): Promise<Page> {
  const { renderGraphiQL } = await import('@graphql-yoga/render-graphiql')
  const nonce = randomBytes(16).toString('base64')
  const { document, headers } = firstRequest(token)
  const page = renderGraphiQL({
    title: 'tidegate',
    endpoint: '/graphql',
    credentials: 'same-origin',
    shouldPersistHeaders: true,
    defaultQuery: document,
    headers: JSON.stringify(headers, null, 2),
  })
  // The first script element is the page's own; later occurrences of the text are inside its source.
  const at = page.indexOf('<script>', page.indexOf('<div id="root">'))
  const html = `${page.slice(0, at)}<script nonce="${nonce}">${page.slice(at + '<script>'.length)}`
  const contentSecurityPolicy = [
    "default-src 'none'",
    `script-src 'nonce-${nonce}'`,
    "style-src 'unsafe-inline'",
    "img-src 'self' data:",
    'font-src data:',
    'worker-src blob:',
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'self'",
  ].join('; ')
  return { html, contentSecurityPolicy }
}

/** A value as a script in a page may hold it. */
function inScript(value: unknown): string {
  return JSON.stringify(value).replaceAll('<', '\\u003c')
}
