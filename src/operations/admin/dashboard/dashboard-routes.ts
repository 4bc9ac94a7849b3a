import type { FastifyInstance } from 'fastify'
import type { BuiltFiles } from '../../../gateway/http/built-files.ts'
import { builtPageRoutes } from '../../../gateway/http/built-page.ts'

export interface DashboardOptions {
  readonly files: BuiltFiles
  /** Access token that the page gets in development, if the visitor is on this machine; undefined for none. */
  readonly token: string | undefined
  /** Path of the explorer, if the same port serves it; undefined if not. */
  readonly explorerPath: string | undefined
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
]

/** Registers the pages of the dashboard. Every path below it gets the same page, which shows the view that the path names. */
export async function dashboardRoutes(scope: FastifyInstance, { files, token, explorerPath }: DashboardOptions): Promise<void> {
  builtPageRoutes(scope, {
    path: DASHBOARD_PATH,
    file: 'index.html',
    files,
    hasViews: true,
    token,
    links: { 'tidegate-explorer': explorerPath },
    contentSecurityPolicy: CONTENT_SECURITY_POLICY,
    instead: 'The command line answers the same questions: <code>npx tidegate stats</code>.',
  })
}
