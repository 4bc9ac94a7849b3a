import { useEffect, useRef } from 'react'
import { useSession, useSignedIn } from '../api/session.tsx'
import { useApi } from '../api/use-api.ts'
import { count } from '../format/format.ts'
import { linkedPage } from '../router/linked-page.ts'
import { Link } from '../router/location.tsx'
import { ThemeSwitch } from './theme.tsx'
import { type View, views } from './views.ts'

/** Time between two counts of the instances, ms. */
const COUNT_MS = 60_000

/** Head of every page: whose figures these are, and the views. */
export function Header({ current }: { readonly current: View | undefined }) {
  const { claims, isOperator } = useSignedIn()
  const { signOut } = useSession()
  const explorer = linkedPage('tidegate-explorer')
  const nav = useRef<HTMLElement>(null)
  useEffect(() => {
    if (current) nav.current?.querySelector('[aria-current]')?.scrollIntoView({ block: 'nearest', inline: 'center' })
  }, [current])
  return (
    <header>
      <div className="brand">
        <Link to="/" className="name">
          <Wave /> tidegate
        </Link>
        <span className="soft">
          {isOperator ? 'all tenants' : claims.tenant}
          <InstanceCount />
        </span>
      </div>
      <nav ref={nav} aria-label="Views">
        {views.map(({ path, title }) => (
          <Link key={path} to={path} aria-current={path === current?.path ? 'page' : undefined}>
            {title}
          </Link>
        ))}
      </nav>
      <div className="who">
        {explorer === undefined ? null : <a href={explorer}>Explorer</a>}
        <ThemeSwitch />
        <button type="button" className="quiet" onClick={() => signOut()} title={`${claims.userId}, ${claims.role} of ${claims.tenant}`}>
          Sign out
        </button>
      </div>
    </header>
  )
}

function InstanceCount() {
  const { data } = useApi('/stats', { window: '1h' }, { everyMs: COUNT_MS })
  if (!data) return null
  const { alive } = data.instances
  return ` · ${count(alive)} ${alive === 1 ? 'instance' : 'instances'}`
}

function Wave() {
  return (
    <svg className="wave" viewBox="0 0 20 20" width="18" height="18" aria-hidden="true">
      <path d="M1 8c3-4 6-4 9 0s6 4 9 0" />
      <path d="M1 14c3-4 6-4 9 0s6 4 9 0" />
    </svg>
  )
}
