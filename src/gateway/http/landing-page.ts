import { randomBytes } from 'node:crypto'

export interface Page {
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
 * Returns the page at /. It shows Apollo Sandbox, whose script comes from Apollo's CDN. If the CDN cannot be reached, the page leads to the
 * explorer, which this server serves at /explorer. The page is created for each visit, because it contains a random nonce.
 */
export function landingPage(token: string | undefined): Page {
  const nonce = randomBytes(16).toString('base64')
  const html = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>tidegate</title>
<link rel="icon" href="data:,">
<style nonce="${nonce}">html, body, #sandbox, iframe { height: 100%; width: 100%; margin: 0; border: 0 }</style>
</head>
<body>
<div id="sandbox"></div>
<script nonce="${nonce}">
  let isDecided = false
  const decide = (show) => () => {
    if (isDecided) return
    isDecided = true
    show()
  }
  const showExplorer = decide(() => location.replace('/explorer'))
  const script = document.createElement('script')
  script.src = '${SANDBOX_SCRIPT}'
  script.onerror = showExplorer
  script.onload = decide(() => {
    new window.EmbeddedSandbox({
      target: '#sandbox',
      initialEndpoint: new URL('/graphql', location.href).href,
      initialState: ${inScript({ includeCookies: true, ...firstRequest(token) })},
      // Without this option, Apollo Sandbox would add a style that the page's Content-Security-Policy forbids. The page has a style of its
      // own.
      allowDynamicStyles: false,
    })
  })
  setTimeout(showExplorer, ${SANDBOX_TIMEOUT_MS})
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
    'frame-src https://sandbox.embed.apollographql.com',
    'img-src data:',
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ')
  return { html, contentSecurityPolicy }
}

/** Encodes a value as JSON that can safely stand inside a script element of HTML. */
function inScript(value: unknown): string {
  return JSON.stringify(value).replaceAll('<', '\\u003c')
}
