import { randomBytes } from 'node:crypto'
import { isNotInstalled } from '../../errors.ts'

export interface Page {
  readonly status: 200 | 404
  readonly html: string
  readonly contentSecurityPolicy: string
}

const SANDBOX_SCRIPT = 'https://embeddable-sandbox.cdn.apollographql.com/_latest/embeddable-sandbox.umd.production.min.js'
const SANDBOX_TIMEOUT_MS = 3000

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
/** Query that the page shows first to a visitor without an access token. */
const PUBLIC_QUERY = `query TopLevelDomains {
  tlds(kind: COUNTRY_CODE) {
    name
    kind
  }
}
`

/** Returns the document and headers that the page shows first. @param token Access token for the headers; undefined for none. */
function firstRequest(token: string | undefined): { readonly document: string; readonly headers: Readonly<Record<string, string>> } {
  return token === undefined
    ? { document: PUBLIC_QUERY, headers: {} }
    : { document: FIRST_QUERY, headers: { authorization: `Bearer ${token}` } }
}

/**
 * Returns the page at /. It shows Apollo Sandbox, whose script comes from Apollo's CDN. If the CDN cannot be reached, the page shows
 * GraphiQL, which this server serves at /graphiql. The page is created for each visit, because it contains a random nonce.
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
      // Without this option, Apollo Sandbox would add a style that the page's Content-Security-Policy forbids. The page has a style of its
      // own.
      allowDynamicStyles: false,
    })
  }
  setTimeout(showLocal, ${SANDBOX_TIMEOUT_MS})
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
  return { status: 200, html, contentSecurityPolicy }
}

/**
 * Returns the page at /graphiql: GraphiQL with all its scripts and styles in one file of about 9 MB, which is read from disk at the first
 * request.
 */
export async function graphiqlPage(token: string | undefined): Promise<Page> {
  try {
    const { renderGraphiQL } = await import('@graphql-yoga/render-graphiql')
    return renderPage(renderGraphiQL, token)
  } catch (error) {
    if (isNotInstalled(error, '@graphql-yoga/render-graphiql')) return NO_GRAPHIQL
    throw error
  }
}

const NO_GRAPHIQL: Page = {
  status: 404,
  html: `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>tidegate</title>
<p>GraphiQL is not installed on this server. Open / where Apollo's CDN can be reached, send requests to POST /graphql, or run
<code>npm install @graphql-yoga/render-graphiql</code> and start the server again.</p>
</html>
`,
  contentSecurityPolicy: "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'",
}

function renderPage(renderGraphiQL: typeof import('@graphql-yoga/render-graphiql').renderGraphiQL, token: string | undefined): Page {
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
  // Undocumented, see docs/internals.md: `renderGraphiQL puts its own script after the root`
  // The first script element after the root belongs to the page itself. Later occurrences of the text `<script>` are inside that script.
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
  return { status: 200, html, contentSecurityPolicy }
}

/** Encodes a value as JSON that can safely stand inside a script element of HTML. */
function inScript(value: unknown): string {
  return JSON.stringify(value).replaceAll('<', '\\u003c')
}
