import type { FastifyInstance, FastifyReply } from 'fastify'
import { GatewayError } from '../../../errors.ts'
import type { BuiltFiles } from '../../../gateway/http/built-files.ts'
import { sendError } from '../../../gateway/http/error-response.ts'
import { isOfThisMachine } from '../../../gateway/http/visitor.ts'

export interface DashboardOptions {
  readonly files: BuiltFiles
  /** Access token that the page gets in development, if the visitor is on this machine; undefined for none. */
  readonly token: string | undefined
}

export const DASHBOARD_PATH = '/dashboard'

/** The page runs its own script only, sends requests to its own origin only, and cannot be part of another page. */
const CONTENT_SECURITY_POLICY = [
  "default-src 'self'",
  'img-src data:',
  "object-src 'none'",
  "base-uri 'self'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')

const NOT_BUILT = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>tidegate</title>
<p>The dashboard is not built on this server. Run <code>npm run build:dashboard</code> in the folder of the gateway and load this page again. The
command line answers the same questions: <code>npx tidegate stats</code>.</p>
</html>
`

const SECONDS_PER_YEAR = 31_536_000

/**
 * Registers the pages of the dashboard. Every path below it gets the same page, which shows the view that the path names. The page contains
 * no figures: its script reads them from the management API with the token of the reader.
 */
export async function dashboardRoutes(scope: FastifyInstance, { files, token }: DashboardOptions): Promise<void> {
  scope.get<{ Params: { name: string } }>(`${DASHBOARD_PATH}/assets/:name`, async (request, reply) => {
    const asset = await files.asset(request.params.name, request.headers['accept-encoding'])
    if (!asset) return sendError(new GatewayError('NOT_FOUND', 'No such file: load the dashboard again.'), request, reply)
    if (asset.coding !== 'identity') reply.header('content-encoding', asset.coding)
    return reply
      .header('cache-control', `public, max-age=${SECONDS_PER_YEAR}, immutable`)
      .header('vary', 'Accept-Encoding')
      .type(asset.type)
      .send(asset.bytes)
  })
  for (const path of [DASHBOARD_PATH, `${DASHBOARD_PATH}/*`])
    scope.get(path, async (request, reply) => {
      const page = await files.page('index.html')
      if (page === undefined) return sendPage(reply.code(404).header('cache-control', 'no-store'), NOT_BUILT)
      if (token === undefined || !isOfThisMachine(request)) return sendPage(reply.header('cache-control', 'no-cache'), page)
      // Script may not stand in the page, so the token is in an element that the page's script reads.
      const withToken = page.replace('</head>', `<meta name="tidegate-token" content="${token}"></head>`)
      return sendPage(reply.header('cache-control', 'no-store'), withToken)
    })
}

function sendPage(reply: FastifyReply, html: string): FastifyReply {
  return reply
    .header('content-security-policy', CONTENT_SECURITY_POLICY)
    .header('referrer-policy', 'no-referrer')
    .header('cross-origin-opener-policy', 'same-origin')
    .type('text/html; charset=utf-8')
    .send(html)
}
