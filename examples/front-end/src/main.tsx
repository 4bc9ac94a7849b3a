import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { App } from './app.tsx'
import './style.css'
import './lists.css'

const root = document.getElementById('root')
if (!root) throw new Error('Expected an element with the id root in index.html.')
createRoot(root).render(
  <StrictMode>
    <App uri="/graphql" />
  </StrictMode>,
)
