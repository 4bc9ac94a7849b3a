import type { BuiltFiles } from './built-files.ts'
import type { BuiltPage } from './built-page.ts'

export const EXPLORER_PATH = '/explorer'

/** The page runs its own script only, and sends requests to its own origin only. GraphiQL has its fonts in its style sheet. */
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "font-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'self'",
  "form-action 'none'",
  "frame-ancestors 'none'",
]

export interface ExplorerPageOptions {
  readonly files: BuiltFiles
  /** Access token for visitors on this machine; undefined for none. */
  readonly token: string | undefined
  /** Path of the dashboard, if the same port serves it; undefined if not. */
  readonly dashboardPath: string | undefined
}

/** Returns the page in which a visitor explores the schema and sends requests. */
export function explorerPage({ files, token, dashboardPath }: ExplorerPageOptions): BuiltPage {
  return {
    path: EXPLORER_PATH,
    file: 'explorer.html',
    files,
    hasViews: false,
    token,
    links: { 'tidegate-dashboard': dashboardPath },
    contentSecurityPolicy: CONTENT_SECURITY_POLICY,
    instead: 'Requests can be sent to <code>POST /graphql</code> all the same.',
  }
}
