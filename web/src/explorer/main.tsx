import '../styles/tokens.css'
import './explorer.css'
import { lazy, StrictMode, Suspense } from 'react'
import { createRoot } from 'react-dom/client'

// GraphiQL is most of the bundle: the page says at once what comes.
const Explorer = lazy(() => import('./explorer.tsx'))

const root = document.getElementById('root')
if (!root) throw new Error('Expected an element with the id "root" in explorer.html.')
const token = document.querySelector<HTMLMetaElement>('meta[name="tidegate-token"]')?.content ?? ''
createRoot(root).render(
  <StrictMode>
    <Suspense fallback={<p className="loading">Loading the explorer…</p>}>
      <Explorer token={token} />
    </Suspense>
  </StrictMode>,
)
