import type { FastifyInstance, FastifyReply } from 'fastify'
import { GatewayError } from '../../errors.ts'
import type { BuiltFiles } from './built-files.ts'
import { sendError } from './error-response.ts'
import { isOfThisMachine } from './visitor.ts'

/** A page that `npm run build:dashboard` built, and the path below which it is served. */
export interface BuiltPage {
  /** Path of the page, such as `/dashboard`. Its files are served below it. */
  readonly path: string
  /** Name of the page in the build, such as `index.html`. */
  readonly file: string
  readonly files: BuiltFiles
  /** Whether every path below `path` gets the page, whose script shows what the path names. */
  readonly hasViews: boolean
  /** Access token that the page gets in development, if the visitor is on this machine; undefined for none. */
  readonly token: string | undefined
  /** Paths of other pages at the same port, by the name of the `<meta>` element from which the page's script reads them. */
  readonly links: Readonly<Record<string, string | undefined>>
  readonly contentSecurityPolicy: readonly string[]
  /** Advice for a visitor if the page was not built, as HTML. */
  readonly instead: string
}

const SECONDS_PER_YEAR = 31_536_000

/**
 * Registers a built page and its files. The files have a hash in their names, so browsers keep them. The page contains no data: its script
 * requests them with a token.
 */
export function builtPageRoutes(scope: FastifyInstance, page: BuiltPage): void {
  const { path, file, files, hasViews, token } = page
  scope.get<{ Params: { name: string } }>(`${path}/assets/:name`, async (request, reply) => {
    const asset = await files.asset(request.params.name, request.headers['accept-encoding'])
    if (!asset) return sendError(new GatewayError('NOT_FOUND', 'No such file: load the page again.'), request, reply)
    if (asset.coding !== 'identity') reply.header('content-encoding', asset.coding)
    return reply
      .header('cache-control', `public, max-age=${SECONDS_PER_YEAR}, immutable`)
      .header('vary', 'Accept-Encoding')
      .type(asset.type)
      .send(asset.bytes)
  })
  for (const route of [path, hasViews ? `${path}/*` : `${path}/`])
    scope.get(route, async (request, reply) => {
      const built = await files.page(file)
      if (built === undefined) return sendPage(reply.code(404).header('cache-control', 'no-store'), notBuilt(page), page)
      const html = withMeta(built, page.links)
      if (token === undefined || !isOfThisMachine(request)) return sendPage(reply.header('cache-control', 'no-cache'), html, page)
      // Script may not stand in the page, so the token is in an element that the page's script reads.
      return sendPage(reply.header('cache-control', 'no-store'), withMeta(html, { 'tidegate-token': token }), page)
    })
}

/** Adds `<meta>` elements to a page. A name without a value gets none. */
function withMeta(html: string, facts: Readonly<Record<string, string | undefined>>): string {
  const elements = Object.entries(facts).map(([name, value]) => (value === undefined ? '' : `<meta name="${name}" content="${value}">`))
  return html.replace('</head>', `${elements.join('')}</head>`)
}

function sendPage(reply: FastifyReply, html: string, { contentSecurityPolicy }: BuiltPage): FastifyReply {
  return reply
    .header('content-security-policy', contentSecurityPolicy.join('; '))
    .header('referrer-policy', 'no-referrer')
    .header('cross-origin-opener-policy', 'same-origin')
    .type('text/html; charset=utf-8')
    .send(html)
}

function notBuilt({ path, instead }: BuiltPage): string {
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>tidegate</title>
<p>The page ${path} is not built on this server. Run <code>npm run build:dashboard</code> in the folder of the gateway and load this page again.
${instead}</p>
</html>
`
}
