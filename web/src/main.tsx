import './styles/tokens.css'
import './styles/base.css'
import './styles/shell.css'
import './styles/tables.css'
import './styles/parts.css'
import './styles/charts.css'
import './styles/views.css'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { SessionProvider } from './api/session.tsx'
import { LocationProvider } from './router/location.tsx'
import { App } from './shell/app.tsx'

const root = document.getElementById('root')
if (!root) throw new Error('Expected an element with the id "root" in index.html.')
createRoot(root).render(
  <StrictMode>
    <LocationProvider>
      <SessionProvider>
        <App />
      </SessionProvider>
    </LocationProvider>
  </StrictMode>,
)
