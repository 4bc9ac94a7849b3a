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

/** Returns the page in which a visitor explores the schema and sends requests. @param token Access token for visitors on this machine. */
export function explorerPage(files: BuiltFiles, token: string | undefined): BuiltPage {
  return {
    path: EXPLORER_PATH,
    file: 'explorer.html',
    files,
    hasViews: false,
    token,
    contentSecurityPolicy: CONTENT_SECURITY_POLICY,
    instead: 'Requests can be sent to <code>POST /graphql</code> all the same.',
  }
}
