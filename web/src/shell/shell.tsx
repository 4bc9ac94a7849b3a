import { Suspense, useEffect, useRef } from 'react'
import { ReadLogProvider } from '../api/read-log.tsx'
import { useSignedIn } from '../api/session.tsx'
import { EmptyState } from '../parts/empty-state.tsx'
import { partsOf } from '../router/address.ts'
import { Link, useLocation } from '../router/location.tsx'
import { Header } from './header.tsx'
import { Strip } from './strip.tsx'
import { ViewBoundary } from './view-boundary.tsx'
import { findView } from './views.ts'

const MANAGERS = ['ADMIN', 'OPERATOR']

/** Header, live figures and the view that the address names. */
export function Shell() {
  const { claims } = useSignedIn()
  const { path } = useLocation()
  const found = findView(partsOf(path))
  const main = useRef<HTMLElement>(null)
  const shownPath = useRef(path)
  const title = found?.view.title ?? 'Not found'
  const name = found?.rest.at(0)
  useEffect(() => {
    document.title = `${name === undefined ? '' : `${name} · `}${title} · tidegate`
    // A reader who follows a link by keyboard or screen reader continues at the new view. The first view is where the reader is anyway.
    if (shownPath.current !== path) main.current?.focus({ preventScroll: true })
    shownPath.current = path
  }, [path, title, name])
  const isManager = MANAGERS.includes(claims.role)
  return (
    <>
      <button type="button" className="skip" onClick={() => main.current?.focus()}>
        Skip to the view
      </button>
      <Header current={found?.view} />
      <main ref={main} tabIndex={-1} aria-label={title}>
        {isManager ? (
          <>
            <Strip />
            <ReadLogProvider key={path}>
              {found ? (
                <ViewBoundary>
                  <Suspense fallback={<p className="waiting">Loading the view …</p>}>
                    <found.view.component rest={found.rest} />
                  </Suspense>
                </ViewBoundary>
              ) : (
                <EmptyState title="There is no such view.">
                  Go to the <Link to="/">overview</Link>.
                </EmptyState>
              )}
            </ReadLogProvider>
          </>
        ) : (
          <EmptyState title={`The dashboard needs the role ADMIN or OPERATOR. This token has the role ${claims.role}.`}>
            Sign out, and sign in with another token.
          </EmptyState>
        )}
      </main>
      <footer>
        <span>Times are in the time zone {Intl.DateTimeFormat().resolvedOptions().timeZone}.</span>
        <a href="/api/v1/cache/docs">Management API</a>
      </footer>
    </>
  )
}
