import './keys.css'
import '../purging/purging.css'
import { EmptyState } from '../../parts/empty-state.tsx'
import { ViewHead } from '../../parts/view-head.tsx'
import { Link } from '../../router/location.tsx'
import { PurgeView } from '../purging/purge-view.tsx'
import { ExplainView } from './explain-view.tsx'
import { KeyLists } from './key-lists.tsx'

const PAGES = [
  { name: undefined, path: '/keys', title: 'What is cached' },
  { name: 'explain', path: '/keys/explain', title: 'Explain' },
  { name: 'purge', path: '/keys/purge', title: 'Purge' },
] as const

/** View `/keys` and the pages below it: what is cached, why an answer is this old, and purges. */
export default function KeysView({ rest: [name] }: { readonly rest: readonly string[] }) {
  const page = PAGES.find((one) => one.name === name)
  return (
    <>
      <ViewHead title="Keys and tags" note="What is cached, why an answer is this old, and how to remove it.">
        <nav className="pages" aria-label="Pages of this view">
          {PAGES.map((one) => (
            <Link key={one.path} to={one.path} aria-current={one === page ? 'page' : undefined}>
              {one.title}
            </Link>
          ))}
        </nav>
      </ViewHead>
      {page === undefined ? (
        <EmptyState title="There is no such page.">
          Go to <Link to="/keys">what is cached</Link>.
        </EmptyState>
      ) : page.name === 'explain' ? (
        <ExplainView />
      ) : page.name === 'purge' ? (
        <PurgeView />
      ) : (
        <KeyLists />
      )}
    </>
  )
}
